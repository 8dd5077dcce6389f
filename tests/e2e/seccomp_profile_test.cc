// SPDX-License-Identifier: Apache-2.0
// `--seccomp` with a profile in JSON: compiled at the start, in force, and refused by its path where it is
// wrong.
#include <sys/syscall.h>

#include <csignal>
#include <fstream>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

using testing::StartsWith;

class SeccompProfile : public testing::Test {
 protected:
  Outcome try_under(const std::string& profile, long number, const Argv& more = {}) {
    place_.file("profile.json", profile);
    Argv options = {"--seccomp", place_.path() + "/profile.json"};
    options.insert(options.end(), more.begin(), more.end());
    return run_in(small_root(), share_payload("syscall", std::move(options)),
                  {"/payload", "native", std::to_string(number), "0x10000000"});
  }
  std::string refusal(const std::string& profile) {
    const Outcome outcome = try_under(profile, SYS_getuid);
    EXPECT_THAT(outcome, CannotStart());
    return outcome.err;
  }
  TempDir place_;
};

std::string denying(const std::string& rule) {
  return R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [)" + rule + "]}";
}

TEST_F(SeccompProfile, IsInForce) {
  const std::string no_getuid =
      denying(R"({"names": ["getuid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 99})");
  EXPECT_EQ(try_under(no_getuid, SYS_getuid).out, "errno=99\n");
  EXPECT_EQ(try_under(no_getuid, SYS_getgid).out, "ok\n");
  EXPECT_EQ(try_under(no_getuid, SYS_unshare).out, "ok\n");
  EXPECT_EQ(try_under(no_getuid, SYS_unshare, {"--seccomp=@no-userns"}).out, "errno=1\n")
      << "sets come besides";
}

TEST_F(SeccompProfile, StandsInThePlaceOfTheDefaultOne) {
  KELP_ONLY_AS("kelp's own default filter around this one refuses it too", "user", "noranges", "root");
  EXPECT_EQ(
      try_under(denying(R"({"names": ["getuid"], "action": "SCMP_ACT_ERRNO"})"), SYS_io_uring_setup).out,
      "errno=14\n");
}

TEST_F(SeccompProfile, ComparesArguments) {
  const std::string text =
      denying(R"({"names": ["unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": 98, "args": [
      {"index": 0, "value": 268435456, "valueTwo": 268435456, "op": "SCMP_CMP_MASKED_EQ"}]})");
  EXPECT_EQ(try_under(text, SYS_unshare).out, "errno=98\n");
  const std::string other =
      denying(R"({"names": ["unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": 98, "args": [
      {"index": 0, "value": 5, "op": "SCMP_CMP_EQ"}]})");
  EXPECT_EQ(try_under(other, SYS_unshare).out, "ok\n");
}

TEST_F(SeccompProfile, OfPodmanWorks) {
  const std::string path = "/usr/share/containers/seccomp.json";
  KELP_REQUIRE(std::filesystem::exists(path), "the package golang-github-containers-common is not installed");
  const Outcome outcome = inside("id -u; unshare -Urm true; echo $?", {"--seccomp", path});
  EXPECT_EQ(outcome.out, "0\n0\n") << outcome.err;
}

TEST_F(SeccompProfile, WhichIsWrongIsRefusedByItsPath) {
  const std::string use = "kelp: cannot use --seccomp " + place_.path() + "/profile.json: ";
  EXPECT_THAT(refusal("{"), StartsWith(use + "parse error at line 1, column 2"));
  EXPECT_EQ(refusal(denying(R"({"names": ["read", "raed"], "action": "SCMP_ACT_LOG"})")),
            use + "syscalls[0].names[1]: 'raed' is no system call\n");
  EXPECT_EQ(refusal(R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_VAX"]})"),
            use + "architectures[0]: 'SCMP_ARCH_VAX' is no architecture\n");
  EXPECT_EQ(refusal(denying(R"({"names": ["read"], "action": "SCMP_ACT_LOG", "when": 1})")),
            use + "syscalls[0].when: kelp does not know it\n");
}

// Whether it is the form that is wrong, what it says, or a program: one sentence.
TEST_F(SeccompProfile, IsRefusedInTheFormOfAProgram) {
  const std::string use = "kelp: cannot use --seccomp " + place_.path() + "/profile.json: ";
  EXPECT_EQ(refusal("12345678"),
            use + "instruction 0: the kernel takes no such instruction in a system call filter\n");
  EXPECT_EQ(refusal("1234567"),
            use + "it is neither JSON nor BPF: its 7 bytes are no number of whole instructions\n");
  EXPECT_EQ(refusal(""), use + "there is no instruction in it\n");
}

// A child under such a filter could not even say what became of it.
TEST_F(SeccompProfile, ThatRefusesExecveIsRefused) {
  place_.file("profile.json", R"({"defaultAction": "SCMP_ACT_ERRNO"})");
  const std::string flag = "--seccomp=" + place_.path() + "/profile.json";
  EXPECT_EQ(kelp({"run", flag, small_root(), "true"}),
            (Outcome{.status = 125,
                     .err = "kelp: cannot execute true: the filter of system calls refuses execve (" + flag +
                            ")\n"}));
  EXPECT_EQ(inside("true", {flag, "--seccomp-log"}).status, 0) << "nothing is refused then";
}

// It would end as a command does that was killed by a call of its own.
TEST_F(SeccompProfile, ThatKillsItsCommandBeforeItBeginsIsRefused) {
  for (const std::string action : {"SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP"}) {
    place_.file("profile.json", denying(R"({"names": ["execve"], "action": ")" + action + R"("})"));
    const std::string flag = "--seccomp=" + place_.path() + "/profile.json";
    EXPECT_EQ(
        kelp({"run", flag, small_root(), "true"}),
        (Outcome{.status = 125,
                 .err = "kelp: cannot execute true: the filter of system calls kills who calls execve (" +
                        flag + ")\n"}))
        << action;
    EXPECT_EQ(inside("true", {flag, "--seccomp-log"}).status, 0) << "nothing is killed then";
  }
  const Outcome other =
      try_under(denying(R"({"names": ["getuid"], "action": "SCMP_ACT_KILL_PROCESS"})"), SYS_getuid);
  EXPECT_EQ(other, (Outcome{.status = 128 + SIGSYS})) << "what a command calls itself is its own end";
}

TEST_F(SeccompProfile, ThatRefusesExitGroupIsWarnedOf) {
  place_.file("profile.json", denying(R"({"names": ["exit_group", "exit"], "action": "SCMP_ACT_ERRNO"})"));
  const std::string flag = "--seccomp=" + place_.path() + "/profile.json";
  const Outcome outcome = inside("kill -KILL $$", {flag});
  EXPECT_EQ(outcome.status, 137);
  EXPECT_EQ(outcome.err,
            "kelp: warning: the filter of system calls refuses exit_group: most programs can then end by a "
            "signal only (" +
                flag + ")\n");
}

TEST_F(SeccompProfile, IsReadOnTheHostOnly) {
  // A file of that name in the root is not what is read.
  const std::string root = make_small_root(place_);
  const std::string name = place_.path() + "/profile.json";
  ASSERT_THAT(run({"mkdir", "-p", root + place_.path()}), Works());
  std::ofstream(root + name) << denying("");
  std::ofstream(name) << denying(R"({"names": ["getuid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 99})");
  const Outcome outcome = run_in(root, share_payload("syscall", {"--seccomp", name}),
                                 {"/payload", "native", std::to_string(SYS_getuid)});
  EXPECT_EQ(outcome.out, "errno=99\n") << outcome.err;
}

}  // namespace
}  // namespace kelp::harness
