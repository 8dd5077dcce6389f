// SPDX-License-Identifier: Apache-2.0
// `--seccomp` with a ready program: it is in force, for every command, and what is no program is refused.
#include <sys/syscall.h>

#include <fstream>

#include "e2e/container.h"
#include "harness/bpf.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kNobody = SECCOMP_RET_ERRNO | 99;

class SeccompProgram : public testing::Test {
 protected:
  // Where the program lies; the caller's own directory, and not the container's.
  std::string file(const std::string& bytes) {
    const std::string path = place_.path() + "/filter.bpf";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  Outcome getuid_under(Argv options) {
    return run_in(small_root(), share_payload("syscall", std::move(options)),
                  {"/payload", "native", std::to_string(SYS_getuid)});
  }
  TempDir place_;
};

TEST_F(SeccompProgram, IsInForceForTheCommand) {
  const std::string path = file(bytes_of(answering(SYS_getuid, kNobody)));
  EXPECT_EQ(getuid_under({}).out, "ok\n") << "without it";
  EXPECT_EQ(getuid_under({"--seccomp", path}).out, "errno=99\n");
  EXPECT_EQ(getuid_under({"--seccomp", path, "--no-init"}).out, "errno=99\n");
  EXPECT_EQ(getuid_under({"--seccomp", path, "--bare"}).out, "errno=99\n");
  EXPECT_EQ(getuid_under({"--seccomp", path, "--userns=keep-id"}).out, "errno=99\n");
  EXPECT_EQ(getuid_under({"--seccomp", path, "--new-privileges"}).out, "errno=99\n");
  EXPECT_EQ(getuid_under({"--seccomp", path, "--seccomp=none"}).out, "ok\n") << "the last one counts";
}

TEST_F(SeccompProgram, IsReadFromADescriptor) {
  const std::string path = file(bytes_of(answering(SYS_getuid, kNobody)));
  const Outcome outcome =
      run({"sh", "-c",
           R"(exec "$0" run --seccomp=fd:9 -v "$1":/payload:ro "$2" )"
           R"(sh -c "/payload native $3; ls /proc/self/fd" 9<"$4")",
           kelp_binary(), payload("syscall"), small_root(), std::to_string(SYS_getuid), path});
  EXPECT_EQ(outcome.out, "errno=99\n0\n1\n2\n3\n") << "and the command does not get it; " << outcome.err;
}

TEST_F(SeccompProgram, NeedsToAllowNothingButTheExec) {
  // All but execve, and what a static program does at once, kills.
  Bpf program = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};
  for (const std::uint32_t number :
       {SYS_execve, SYS_brk, SYS_arch_prctl, SYS_set_tid_address, SYS_set_robust_list, SYS_rseq,
        SYS_prlimit64, SYS_readlinkat, SYS_readlink, SYS_getrandom, SYS_mprotect, SYS_newfstatat, SYS_fstat,
        SYS_write, SYS_exit_group, SYS_getuid}) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  const Outcome outcome = getuid_under({"--seccomp", file(bytes_of(program))});
  EXPECT_EQ(outcome.out, "ok\n") << outcome.status << outcome.err;
}

TEST_F(SeccompProgram, WhichIsNoneIsRefused) {
  const std::string good = bytes_of(answering(SYS_getuid, kNobody));
  const auto refusal = [&](const std::string& bytes) {
    const Outcome outcome = getuid_under({"--seccomp", file(bytes)});
    EXPECT_THAT(outcome, CannotStart());
    return outcome.err;
  };
  EXPECT_THAT(refusal(good.substr(0, good.size() - 1)),
              HasSubstr("it is neither JSON nor BPF: its 31 bytes are no number of whole"));
  EXPECT_THAT(refusal(""), HasSubstr("there is no instruction in it"));
  EXPECT_THAT(refusal(good.substr(0, 16)), HasSubstr("instruction 1: it jumps behind the end"));
  EXPECT_THAT(refusal(good.substr(0, 8)), HasSubstr("its last instruction does not return"));
  EXPECT_THAT(refusal(bytes_of(Bpf(4097, BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)))),
              HasSubstr("it has 4097 instructions, and the kernel takes 4096"));
  EXPECT_THAT(refusal(std::string(2U << 20U, '\0')), HasSubstr("filter.bpf"));
  const Outcome absent = getuid_under({"--seccomp", place_.path() + "/absent"});
  EXPECT_THAT(absent, CannotStart());
  EXPECT_THAT(absent.err, HasSubstr("/absent: No such file or directory (for --seccomp"));
  const Outcome closed = getuid_under({"--seccomp", "fd:77"});
  EXPECT_THAT(closed, CannotStart());
  EXPECT_THAT(closed.err, HasSubstr("descriptor 77: Bad file descriptor (for --seccomp fd:77)"));
}

TEST_F(SeccompProgram, ThatTheKernelRefusesIsNoStart) {
  KELP_ONLY_AS("where the machine's root is mapped, proc is masked and cannot be mounted anew", "user",
               "noranges", "nested");
  // A filter around kelp, which lets nobody have another one, is a kernel without them.
  const std::string path = file(bytes_of(answering(SYS_seccomp, SECCOMP_RET_ERRNO | ENOSYS)));
  const std::string bin = std::filesystem::path(kelp_binary()).parent_path();
  const auto nested = [&](const Argv& outer) {
    Argv options = outer;
    options.insert(options.end(), {"-v", bin + ":" + bin + ":ro", "-v", path + ":/filter:ro"});
    return run_in("host", options, {"sh", "-c", kelp_binary() + " run --seccomp /filter host true"});
  };
  EXPECT_THAT(nested({}), Works());
  const Outcome outcome = nested({"--seccomp", path});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err,
              HasSubstr("cannot install the system call filter: the kernel lets nobody have one here"));
  EXPECT_THAT(outcome.err, HasSubstr("(--seccomp /filter)"));
}

}  // namespace
}  // namespace kelp::harness
