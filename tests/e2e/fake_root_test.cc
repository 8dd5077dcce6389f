// SPDX-License-Identifier: Apache-2.0
// Root emulation with one id, against programs that ask for what only a root with many ids may do. Each
// answer has its control: without the emulation the kernel's is another one.
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>

#include "e2e/container.h"
#include "harness/bpf.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;

std::string number(long value) { return std::to_string(value); }
std::string answer_of(int code) { return "errno=" + number(code) + "\n"; }

// What the payload says of one call, with root as the only id.
std::string call(Argv options, const Argv& words) {
  Argv command = {"/payload"};
  command.insert(command.end(), words.begin(), words.end());
  options.emplace_back("--userns=single");
  const Outcome outcome = run_in(small_root(), share_payload("syscall", std::move(options)), command);
  return outcome.status == 0 ? outcome.out : "status=" + number(outcome.status) + " " + outcome.err;
}

Outcome alone(const std::string& script, Argv options = {}) {
  const TempDir here;
  options.emplace_back("--userns=single");
  return inside(script, options, make_small_root(here));
}

// With arguments that the kernel refuses: a null pointer, an id that the map does not have.
const std::vector<Argv>& refused_by_the_kernel() {
  static const std::vector<Argv> kAll = {
#ifdef SYS_chown
      {"native", number(SYS_chown), "0", "33", "33"},
      {"native", number(SYS_lchown), "0", "33", "33"},
#endif
      {"native", number(SYS_fchown), "0", "33", "33"},
      {"native", number(SYS_fchownat), "-100", "0", "33", "33", "0"},
      {"native", number(SYS_setuid), "33"},
      {"native", number(SYS_setgid), "33"},
      {"native", number(SYS_setreuid), "33", "33"},
      {"native", number(SYS_setregid), "33", "33"},
      {"native", number(SYS_setresuid), "33", "33", "33"},
      {"native", number(SYS_setresgid), "33", "33", "33"},
      {"native", number(SYS_setgroups), "1", "0"},
      {"native", number(SYS_capset), "0", "0"},
      {"native", number(SYS_mknodat), "-100", "0", number(S_IFCHR | 0666), number(0x103)},
  };
  return kAll;
}

TEST(FakeRoot, SaysYesToWhatTheKernelRefuses) {
  for (const Argv& words : refused_by_the_kernel()) {
    EXPECT_EQ(call({}, words), "ok\n") << words[1];
    EXPECT_THAT(call({"--fake-root=off"}, words), HasSubstr("errno=")) << words[1];
  }
}

TEST(FakeRoot, HoldsAlsoWithoutTheDefaultFilter) {
  const Argv words = {"native", number(SYS_setuid), "33"};
  EXPECT_EQ(call({"--seccomp=none"}, words), "ok\n");
  EXPECT_EQ(call({"--seccomp-log"}, words), "ok\n");
  EXPECT_EQ(call({"--seccomp=none", "--fake-root=off"}, words), answer_of(EINVAL));
  EXPECT_EQ(call({"--seccomp=none"}, {"native", "1000"}), answer_of(ENOSYS)) << "nothing else is pretended";
}

TEST(FakeRoot, HoldsForOtherInterfacesOfTheMachine) {
#ifndef __x86_64__
  GTEST_SKIP() << "\nnot for this identity: this machine has one interface";
#endif
  EXPECT_EQ(call({"--seccomp=none"}, {"x32", "105", "33"}), "ok\n");
  EXPECT_EQ(call({}, {"x32", "105", "33"}), answer_of(ENOSYS)) << "the default filter has no x32";
  // Many kernels make no calls of i386, and end who tries. The unit tests look at the filter's answers there.
  if (call({"--seccomp=none"}, {"i386", "24"}) != "ok\n") return;
  for (const char* setuid : {"23", "213"}) {
    EXPECT_EQ(call({}, {"i386", setuid, "33"}), "ok\n");
    EXPECT_EQ(call({"--fake-root=off"}, {"i386", setuid, "33"}), answer_of(EINVAL));
  }
}

TEST(FakeRoot, GivesWayToAFilterThatRefuses) {
  const TempDir here;
  const std::string filter = here.file("filter", bytes_of(answering(SYS_setuid, SECCOMP_RET_ERRNO | EACCES)));
  EXPECT_EQ(call({"--seccomp=" + filter}, {"native", number(SYS_setuid), "33"}), answer_of(EACCES));
  EXPECT_EQ(call({"--seccomp=" + filter}, {"native", number(SYS_setgid), "33"}), "ok\n");
}

TEST(FakeRoot, ChangesNothing) {
  const std::string script = "cd /tmp && echo text >f && chown 33:42 f && chown -h 5 f && stat -c '%u:%g' f";
  const Outcome outcome = alone(script);
  EXPECT_EQ(outcome.out, "0:0\n") << outcome.err;
  EXPECT_THAT(alone(script, {"--fake-root=off"}).err, HasSubstr("Invalid argument"));
  const Outcome setuid =
      alone("cp /bin/busybox /tmp/s && chown 33 /tmp/s && chmod 4755 /tmp/s && stat -c %a /tmp/s");
  EXPECT_EQ(setuid.out, "4755\n") << setuid.err;
}

TEST(FakeRoot, PretendsDeviceNodesAndMakesTheRest) {
  const std::string script =
      "cd /tmp && mknod c c 1 3 && mknod b b 7 0 && mknod p p && mkfifo q && mkdir d && ls && test -p p";
  const Outcome outcome = alone(script);
  EXPECT_EQ(outcome.out, "d\np\nq\n") << outcome.err;
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(alone(script, {"--fake-root=off"}).err, HasSubstr("Operation not permitted"));
}

TEST(FakeRoot, LeavesOneWhoLooksWithTheTruth) {
  const Outcome outcome = alone("grep -E '^(Uid|Gid)' /proc/self/status; id -u; cat /proc/self/setgroups");
  EXPECT_EQ(outcome.out, "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n0\ndeny\n") << outcome.err;
}

TEST(FakeRoot, ComesByItselfWithoutARange) {
  KELP_ONLY_AS("has a range", "noranges");
  const TempDir here;
  const Outcome outcome = inside("echo >/f && chown 33 /f && stat -c %u /f", {}, make_small_root(here));
  EXPECT_EQ(outcome.out, "0\n") << outcome.err;
}

TEST(FakeRoot, StaysAwayWhereThereAreRanges) {
  KELP_ONLY_AS("has no range", "user");
  const TempDir here;
  const std::string root = make_small_root(here);
  const std::string script = "echo >/f && chown 33:42 /f && stat -c %u:%g /f";
  EXPECT_EQ(inside(script, {}, root).out, "33:42\n");
  EXPECT_EQ(inside("rm /f; " + script, {"--fake-root=simple"}, root).out, "0:0\n")
      << "but for who asks for it";
}

TEST(FakeRoot, HelpsAptByAFileOfItsOwn) {
  const Outcome outcome = alone("cat \"$APT_CONFIG\"", {"-e", "APT_CONFIG=/etc/my.conf"});
  EXPECT_THAT(outcome.out, HasSubstr("APT::Sandbox::User \"root\";\n#include \"/etc/my.conf\";\n"));
  EXPECT_EQ(alone("echo $APT_CONFIG", {"--fake-root=off", "-e", "APT_CONFIG=/a"}).out, "/a\n");
  const TempDir here;
  const std::string root = make_small_root(here);
  (void)inside("true", {"--userns=single"}, root);
  EXPECT_EQ(names_in(root + "/dev"), std::vector<std::string>()) << "nothing of it is in ROOT";
}

TEST(FakeRoot, RefusesWhatItCannotDo) {
  const auto refused = [](const Argv& options) { return run_in(small_root(), options, {"true"}); };
  EXPECT_THAT(refused({"--fake-root=yes"}).err,
              HasSubstr("read --fake-root=yes: 'yes' is none of auto, simple, consistent, off\n"));
  EXPECT_THAT(refused({"--fake-root=simple", "--new-privileges"}), CannotStart());
  EXPECT_THAT(refused({"--seccomp=@fake-root"}).err, HasSubstr("'@fake-root' is no set of system calls"));
}

// ---- kelp below a kelp that emulates root

Outcome below(const Argv& outer, const Argv& inner, const std::string& root, const std::string& script) {
  const std::string bin = std::filesystem::path(kelp_binary()).parent_path();
  Argv words = {kelp_binary(), "run"};
  words.insert(words.end(), outer.begin(), outer.end());
  words.insert(words.end(),
               {"-v", bin + ":" + bin + ":ro", "-v", root + ":" + root, "host", kelp_binary(), "run"});
  words.insert(words.end(), inner.begin(), inner.end());
  words.insert(words.end(), {root, "sh", "-c", script});
  return run(words);
}

TEST(FakeRoot, LetsNoKelpInsideBelieveThatItGaveUpRights) {
  KELP_ONLY_AS("where the machine's root is mapped, proc is masked and cannot be mounted anew", "user",
               "noranges");
  const TempDir here;
  const std::string root = make_small_root(here);
  const std::string script = "grep -E '^Cap(Eff|Prm|Bnd)' /proc/self/status";
  // uid 0 gets by the execve what is left in the bounding set.
  const Outcome none = below({"--userns=single"}, {"--cap-drop=all"}, root, script);
  EXPECT_EQ(none.out, "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n")
      << none.err;
  const Outcome plain = below({"--userns=single", "--fake-root=off"}, {}, root, script);
  EXPECT_EQ(below({"--userns=single"}, {}, root, script).out, plain.out) << plain.err;
}

TEST(FakeRoot, LetsNoKelpInsideBelieveThatItIsSomebodyElse) {
  KELP_ONLY_AS("needs ranges", "user");
  const TempDir here;
  const std::string root = make_small_root(here);
  const Outcome truly = below({"--userns=auto"}, {"-u", "alga"}, root, "id -u");
  EXPECT_EQ(truly.out, "1000\n") << truly.err;
  const Outcome outcome = below({"--userns=auto", "--fake-root=simple"}, {"-u", "alga"}, root, "id -u");
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err, HasSubstr("root emulation around kelp says that it was done, and does not do it"));
  EXPECT_THAT(outcome.err, HasSubstr("hint: start the container around this one with --fake-root=off"));
}

}  // namespace
}  // namespace kelp::harness
