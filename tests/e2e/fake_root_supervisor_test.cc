// SPDX-License-Identifier: Apache-2.0
// The supervisor of --fake-root=consistent: it is a process inside, and gives nobody inside anything.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

#include "e2e/kept_root.h"
#include "harness/bpf.h"

namespace kelp::harness {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using FakeRootSupervisor = KeptRoot;

constexpr const char* kFindIt = "s=$(grep -l kelp-fakeroot /proc/[0-9]*/comm | cut -d/ -f3); ";

std::string refusal_of(const std::string& root, const Argv& options) {
  Argv all = {"--fake-root=consistent"};
  all.insert(all.end(), options.begin(), options.end());
  const Outcome outcome = run_in(root, all, {"true"});
  EXPECT_EQ(outcome.status, 125) << testing::PrintToString(outcome);
  return outcome.err;
}

TEST_F(FakeRootSupervisor, LetsNobodyIn) {
  const Outcome control = inside("sleep 60 & /payload $!", share_payload("intruder"));
  EXPECT_THAT(control.out, AllOf(HasSubstr("ptrace: yes"), HasSubstr("mem: yes"), HasSubstr("fd: yes")));
  for (const Argv& options : {Argv{}, {"--cap-add=all"}, {"--seccomp=none", "--cap-add=all"}}) {
    const Outcome outcome = with("intruder", std::string(kFindIt) + "echo found $s; /payload $s", options);
    EXPECT_THAT(outcome.out, AllOf(testing::MatchesRegex("found [0-9]+\n(.|\n)*"), HasSubstr("ptrace: "),
                                   Not(HasSubstr(": yes"))))
        << outcome.err;
  }
}

TEST_F(FakeRootSupervisor, StandsUnderMoreThanTheCommand) {
  const Outcome outcome = in(std::string(kFindIt) +
                             "grep -E '^(Cap(Inh|Prm|Amb)|NoNewPrivs|Seccomp|SigBlk)' /proc/$s/status; "
                             "grep NSpid /proc/$s/status; readlink /proc/$s/ns/user || echo hidden");
  // dac_override, fowner, fsetid, sys_chroot, sys_ptrace.
  EXPECT_THAT(outcome.out, HasSubstr("CapPrm:\t00000000000c001a\n")) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("NoNewPrivs:\t1\n"), HasSubstr("Seccomp:\t2\n"),
                                 HasSubstr("SigBlk:\tfffffffffffbfeff\n"), HasSubstr("hidden")));
}

TEST_F(FakeRootSupervisor, GivesTheCommandNoRight) {
  const std::string script = "grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status";
  const Outcome simple = simply(script);
  EXPECT_EQ(in(script).out, simple.out);
  EXPECT_THAT(simple.out, HasSubstr("CapPrm:\t00000000800405fb\n"));
  EXPECT_EQ(in(script, {"--cap-drop=all"}).out, simply(script, {"--cap-drop=all"}).out);
}

TEST_F(FakeRootSupervisor, IsNoChildOfTheCommandsAndNoDescriptorOfIt) {
  const Outcome outcome =
      in(std::string(kFindIt) +
         "grep PPid /proc/$s/status; ls -l /proc/self/fd | grep -c -e seccomp -e socket -e owners; "
         "wait; echo waited");
  EXPECT_EQ(outcome.out, "PPid:\t1\n0\nwaited\n") << outcome.err;
}

TEST_F(FakeRootSupervisor, WhatFiltersRefuseStaysRefused) {
  const std::string filter =
      here.file("filter", bytes_of(answering(SYS_fchownat, SECCOMP_RET_ERRNO | EACCES)));
  const auto call = [&](const Argv& words, Argv options) {
    options.insert(options.begin(), {"--userns=single", "--fake-root=consistent"});
    Argv command = {"/payload", "native"};
    command.insert(command.end(), words.begin(), words.end());
    return run_in(root, share_payload("syscall", std::move(options)), command).out;
  };
  const Argv chown = {std::to_string(SYS_fchownat), "-100", "0", "33", "33", "0"};
  EXPECT_EQ(call(chown, {"--seccomp=" + filter}), "errno=" + std::to_string(EACCES) + "\n");
  EXPECT_EQ(call(chown, {}), "errno=" + std::to_string(EFAULT) + "\n") << "the control";
  EXPECT_EQ(call({std::to_string(SYS_bpf), "0", "0", "0"}, {}), "errno=" + std::to_string(EPERM) + "\n");
  EXPECT_EQ(call({std::to_string(SYS_setuid), "33"}, {}), "ok\n") << "pretended as in the simple mode";
  EXPECT_EQ(call({std::to_string(SYS_capset), "0", "0"}, {"--seccomp=none"}), "ok\n");
}

TEST_F(FakeRootSupervisor, LooksAlsoIntoProcessesThatHideThemselves) {
  EXPECT_EQ(with("owners", "echo >/f; /payload hidden /f").out, "stat: 7:8 100644 0,0\n");
}

TEST_F(FakeRootSupervisor, EndsWithTheContainer) {
  adopt_orphans();
  Running running(
      {kelp_binary(), "run", "--userns=single", "--fake-root=consistent", root, "sh", "-c",
       "ln -s x /l; chown -h 33 /l; echo ready; while :; do chown 34 /l; stat /l; done >/dev/null"},
      {});
  ASSERT_TRUE(running.wait_for_output("ready"));
  running.kill(SIGKILL);
  (void)running.finish();
  EXPECT_EQ(descendants(), std::vector<pid_t>());
  EXPECT_EQ(in("stat -c %u /l").out, "33\n") << "what was kept until then";
  EXPECT_EQ(in("sleep 0.1 & exit 3").status, 3);
}

TEST_F(FakeRootSupervisor, LeavesNoFileWhereNothingIsKept) {
  const Argv options = {"--userns=single", "--fake-root=consistent"};
  EXPECT_EQ(run_in(root, options, {"/no/such"}).status, 127);
  EXPECT_FALSE(std::filesystem::exists(beside()));
  const std::string left = here.file("root.kelp-owners");  // by one that SIGKILL ended
  EXPECT_EQ(in("true").status, 0);
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_EQ(in("ln -s x /l; chown -h 33 /l").status, 0);
  EXPECT_TRUE(std::filesystem::exists(left)) << "the control";
}

// Where others may write beside ROOT it could be theirs, and what is in it is believed.
TEST_F(FakeRootSupervisor, BelievesNoFileBesideTheRootThatMayBeAnothers) {
  namespace fs = std::filesystem;
  const auto refusal = [&] { return refusal_of(root, {"--userns=single"}); };
  here.file("root.kelp-owners");
  EXPECT_EQ(in("true").status, 0) << "the control";
  here.file("root.kelp-owners");
  fs::permissions(beside(), fs::perms::others_write, fs::perm_options::add);
  EXPECT_THAT(refusal(), HasSubstr("root.kelp-owners: others may write to it"));
  fs::permissions(beside(), fs::perms::others_write, fs::perm_options::remove);
  fs::create_hard_link(beside(), here.path() + "/another");
  EXPECT_THAT(refusal(), HasSubstr("root.kelp-owners: it has another name"));
  fs::remove(here.path() + "/another");
  fs::resize_file(beside(), (64U << 20U) + 1);
  EXPECT_THAT(refusal(), HasSubstr("root.kelp-owners: it is larger than 64 MiB"));
}

TEST_F(FakeRootSupervisor, WaitsForNobodyWhoHoldsTheFileBesideTheRoot) {
  const int held = ::open(here.file("root.kelp-owners").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  EXPECT_THAT(refusal_of(root, {"--userns=single"}),
              HasSubstr("root.kelp-owners: somebody holds it (--fake-root=consistent)"));
  ::close(held);
  EXPECT_EQ(in("true").status, 0) << "the control";
}

TEST_F(FakeRootSupervisor, WithoutItCallsFailAndTellNoLie) {
  const Outcome outcome = in(std::string(kFindIt) + "kill -9 $s; sleep 0.2; chown 33 / || echo failed");
  EXPECT_THAT(outcome.err, HasSubstr("Function not implemented"));
  EXPECT_EQ(outcome.out, "failed\n");
}

TEST_F(FakeRootSupervisor, TakesNoOtherSignal) {
  EXPECT_EQ(in(std::string(kFindIt) +
               "for n in INT TERM HUP QUIT USR1 ALRM PIPE SEGV CHLD 32 33 64; do kill -$n $s; done; "
               "echo >/f; chown 33 /f; stat -c %u /f; test -d /proc/$s && echo found")
                .out,
            "33\nfound\n");
}

TEST_F(FakeRootSupervisor, IsToldByNameWhereThereCannotBeOne) {
  EXPECT_THAT(refusal_of("host", {"--userns=single"}),
              HasSubstr("nothing can be kept of the machine's own files"));
  for (const Argv& options : {Argv{"--no-init"}, {"--share=pid"}, {"--bare"}}) {
    Argv all = {"--userns=single"};
    all.insert(all.end(), options.begin(), options.end());
    EXPECT_THAT(refusal_of(root, all), HasSubstr("use --fake-root=consistent: it needs a pid namespace"));
  }
  EXPECT_THAT(refusal_of(root, {"--userns=single", "--proc=none"}),
              HasSubstr("it needs a new proc on /proc"));
  EXPECT_THAT(refusal_of(root, {"--userns=single", "--new-privileges"}), HasSubstr("--new-privileges"));
  EXPECT_THAT(refusal_of(root, {"--userns=keep-id"}), HasSubstr("hint: --userns=single maps root alone"));
  EXPECT_THAT(refusal_of(root, {"--userns=single", "--tmpfs", "/proc"}),
              HasSubstr("what is on /proc is no proc"));
}

TEST_F(FakeRootSupervisor, IsRefusedWhereThePlaceBesideTheRootIs) {
  std::filesystem::create_directory(beside());
  EXPECT_THAT(refusal_of(root, {"--userns=single"}),
              AllOf(HasSubstr("root.kelp-owners: "), HasSubstr("--fake-root")));
}

TEST_F(FakeRootSupervisor, IsRefusedBelowAnotherWithThatReason) {
  KELP_ONLY_AS("where the machine's root is mapped, proc is masked and cannot be mounted anew", "user",
               "noranges");
  const std::string bin = std::filesystem::path(kelp_binary()).parent_path();
  int count = 0;
  const auto below = [&](const char* outer, const char* inner) {
    const std::string machine = make_small_root(here, "outer" + std::to_string(++count));
    return run({kelp_binary(),
                "run",
                "--userns=single",
                outer,
                "-v",
                bin + ":" + bin + ":ro",
                "-v",
                "/usr:/usr:ro",
                "-v",
                "/lib:/lib:ro",
                "-v",
                "/lib64:/lib64:ro",
                "-v",
                root + ":" + root,
                machine,
                kelp_binary(),
                "run",
                "--userns=single",
                inner,
                root,
                "sh",
                "-c",
                "echo >/n; chown 33 /n; stat -c %u /n; rm /n"});
  };
  const Outcome refused = below("--fake-root=consistent", "--fake-root=consistent");
  EXPECT_EQ(refused.status, 125);
  EXPECT_THAT(refused.err,
              HasSubstr("a program around kelp does already, and the kernel allows one such listener"));
  const Outcome simple = below("--fake-root=consistent", "--fake-root=simple");
  EXPECT_EQ(simple.out, "0\n") << simple.err;
  EXPECT_EQ(below("--fake-root=off", "--fake-root=consistent").out, "33\n") << "the control";
}

}  // namespace
}  // namespace kelp::harness
