// SPDX-License-Identifier: Apache-2.0
// The default filter against a program that tries. Each forbidden call has its control: without the filter
// the kernel answers something else.
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::Not;

// One call, as a word list for the payload.
struct Try {
  const char* what;
  Argv words;
  int answer;  // errno under the filter
};

std::string number(long value) { return std::to_string(value); }

std::string call_in(Argv options, const Argv& words) {
  Argv command = {"/payload"};
  command.insert(command.end(), words.begin(), words.end());
  const Outcome outcome = run_in(small_root(), share_payload("syscall", std::move(options)), command);
  if (outcome.status == 0) return outcome.out;
  return "status=" + number(outcome.status) + " " + outcome.err;
}

std::string answer_of(int code) { return "errno=" + number(code) + "\n"; }

const std::vector<Try>& forbidden() {
  static const std::vector<Try> kAll = {
      {"AF_ALG", {"native", number(SYS_socket), number(AF_ALG), number(SOCK_SEQPACKET), "0"}, EAFNOSUPPORT},
      {"AF_ALG, high bits",
       {"native", number(SYS_socket), "0x100000026", number(SOCK_SEQPACKET), "0"},
       EAFNOSUPPORT},
      {"AF_VSOCK", {"native", number(SYS_socket), number(AF_VSOCK), number(SOCK_STREAM), "0"}, EAFNOSUPPORT},
      {"keyctl", {"native", number(SYS_keyctl), "0", "-4", "0"}, ENOSYS},
      {"io_uring", {"native", number(SYS_io_uring_setup), "0", "0"}, EPERM},
      {"userfaultfd", {"native", number(SYS_userfaultfd), "1"}, EPERM},
      {"perf_event_open", {"native", number(SYS_perf_event_open), "0", "0", "0", "-1", "0"}, EPERM},
      {"personality", {"native", number(SYS_personality), "0x0040000"}, EPERM},
      {"TIOCSTI", {"native", number(SYS_ioctl), "0", number(TIOCSTI), "0"}, EPERM},
      {"TIOCSTI, high bits", {"native", number(SYS_ioctl), "0", "0x100005412", "0"}, EPERM},
      {"TIOCLINUX", {"native", number(SYS_ioctl), "0", number(TIOCLINUX), "0"}, EPERM},
  };
  return kAll;
}

TEST(DefaultFilter, RefusesWhatItSays) {
  for (const Try& one : forbidden()) EXPECT_EQ(call_in({}, one.words), answer_of(one.answer)) << one.what;
}

TEST(DefaultFilter, IsWhatRefusesThem) {
  KELP_ONLY_AS("the filter of the kelp around it holds here too", "user", "noranges", "root");
  KELP_REQUIRE(run({"cat", "/proc/sys/kernel/io_uring_disabled"}).out != "2\n",
               "the kernel forbids io_uring by itself");
  for (const Try& one : forbidden()) {
    const std::string got = call_in({"--seccomp=none"}, one.words);
    EXPECT_THAT(got, testing::AnyOf(HasSubstr("ok"), HasSubstr("errno="))) << one.what;
    // A kernel may be built without a family of sockets, or without keys.
    if (one.answer != EAFNOSUPPORT && one.answer != ENOSYS) {
      EXPECT_NE(got, answer_of(one.answer)) << one.what;
    }
  }
  EXPECT_EQ(call_in({"--seccomp=none"}, {"native", number(SYS_keyctl), "0", "-3", "1"}), "ok\n")
      << "there is a session keyring to ask for";
}

TEST(DefaultFilter, AnswersEnosysToCallsThatItDoesNotKnow) {
  EXPECT_EQ(call_in({}, {"native", "1000"}), answer_of(ENOSYS));
  EXPECT_EQ(call_in({}, {"native", number(SYS_getuid)}), "ok\n") << "the probe works";
}

TEST(DefaultFilter, RefusesX32) {
  KELP_ONLY_AS("says nothing new elsewhere", "user");
  EXPECT_EQ(call_in({}, {"x32", number(SYS_getuid)}), answer_of(ENOSYS));
}

TEST(DefaultFilter, HoldsForCallsOfI386) {
  constexpr const char* kGetuid = "24";
  // Many kernels make no calls of i386, and end who tries. The unit tests look at the filter's answers there.
  if (call_in({"--seccomp=none"}, {"i386", kGetuid}) != "ok\n") {
    EXPECT_THAT(call_in({}, {"i386", kGetuid}), HasSubstr("status="));
    return;
  }
  EXPECT_EQ(call_in({}, {"i386", kGetuid}), "ok\n");
  EXPECT_EQ(call_in({}, {"i386", "359", number(AF_ALG), "5", "0"}), answer_of(EAFNOSUPPORT)) << "socket";
  EXPECT_EQ(call_in({}, {"i386", "102", "1", "0"}), answer_of(EAFNOSUPPORT)) << "socketcall";
  EXPECT_EQ(call_in({}, {"i386", "288", "0", "-3"}), answer_of(ENOSYS)) << "keyctl";
  EXPECT_EQ(call_in({}, {"i386", "54", "0", number(TIOCSTI), "0"}), answer_of(EPERM)) << "ioctl";
  if (identity() != "nested") {
    EXPECT_NE(call_in({"--seccomp=none"}, {"i386", "102", "1", "0"}), answer_of(EAFNOSUPPORT))
        << "the control";
    EXPECT_NE(call_in({"--seccomp=none"}, {"i386", "54", "0", number(TIOCSTI), "0"}), answer_of(EPERM));
  }
}

TEST(DefaultFilter, IsInForceForEveryCommand) {
  const std::string script = "grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status | xargs";
  EXPECT_EQ(inside(script).out, "NoNewPrivs: 1 Seccomp: 2\n");
  EXPECT_EQ(inside(script, {"--no-init"}).out, "NoNewPrivs: 1 Seccomp: 2\n");
  EXPECT_EQ(inside(script, {"--bare", "--unshare=pid", "--proc=new"}).out, "NoNewPrivs: 1 Seccomp: 2\n");
  EXPECT_EQ(inside(script, {"--userns=keep-id"}).out, "NoNewPrivs: 1 Seccomp: 2\n");
  if (identity() != "noranges") {
    EXPECT_EQ(inside(script, {"-u", "alga"}).out, "NoNewPrivs: 1 Seccomp: 2\n");
  }
  if (identity() != "nested") {
    EXPECT_EQ(inside(script, {"--seccomp=none", "--fake-root=off"}).out, "NoNewPrivs: 1 Seccomp: 0\n")
        << "the control";
    EXPECT_EQ(inside(script, {"--new-privileges"}).out, "NoNewPrivs: 0 Seccomp: 2\n");
    EXPECT_EQ(inside(script, {"--new-privileges", "--cap-drop=all"}).out, "NoNewPrivs: 0 Seccomp: 2\n");
  }
}

TEST(DefaultFilter, LetsTheCommandMakeNamespacesAndMount) {
  // busybox has unshare; the rights come with the user namespace.
  const Outcome outcome = inside("unshare -Urm sh -c 'mount -t tmpfs t /tmp && echo mounted'");
  EXPECT_EQ(outcome.out, "mounted\n") << outcome.err;
}

TEST(DefaultFilter, IsToldByExplain) {
  const Outcome outcome = run_in("empty", {"--dry-run", "--fake-root=off", "--seccomp=@no-ptrace"}, {"true"});
  EXPECT_THAT(outcome.out, HasSubstr("filter system calls: no-ptrace ("));
  EXPECT_THAT(outcome.out, HasSubstr("then default ("));
  EXPECT_THAT(outcome.out, HasSubstr("[--seccomp=@no-ptrace]"));
  EXPECT_THAT(run_in("empty", {"--dry-run", "--fake-root=off", "--seccomp=none"}, {"true"}).out,
              Not(HasSubstr("filter system calls")));
}

TEST(FilterSets, TakeWhatTheyName) {
  const Argv userns = {"native", number(SYS_unshare), "0x10000000"};
  const Argv attach = {"native", number(SYS_ptrace), "16", "99999999"};  // nobody's number
  const Argv unix_socket = {"native", number(SYS_socket), number(AF_UNIX), number(SOCK_STREAM), "0"};
  EXPECT_EQ(call_in({}, userns), "ok\n");
  EXPECT_EQ(call_in({"--seccomp=@no-userns"}, userns), answer_of(EPERM));
  EXPECT_EQ(call_in({"--seccomp=@no-userns"}, {"native", number(SYS_clone3), "0", "0"}), answer_of(ENOSYS));
  EXPECT_EQ(call_in({}, {"native", number(SYS_clone3), "0", "0"}), answer_of(EINVAL));
  EXPECT_EQ(call_in({}, attach), answer_of(ESRCH));
  EXPECT_EQ(call_in({"--seccomp", "@no-ptrace"}, attach), answer_of(EPERM));
  EXPECT_EQ(call_in({}, unix_socket), "ok\n");
  EXPECT_EQ(call_in({"--seccomp", "@no-unix-sockets,@no-ptrace"}, unix_socket), answer_of(EPERM));
  EXPECT_EQ(call_in({"--seccomp=@no-unix-sockets", "--seccomp=@no-ptrace"}, attach), answer_of(EPERM));
  EXPECT_EQ(call_in({"--seccomp=none,@no-ptrace"}, attach), answer_of(EPERM)) << "alone";
  const Outcome unknown = run_in("empty", {"--seccomp=@no-fun"}, {"true"});
  EXPECT_THAT(unknown, CannotStart());
  EXPECT_THAT(unknown.err, HasSubstr("'@no-fun' is no set of system calls (@no-userns @no-unix-sockets "));
}

TEST(SeccompLog, DoesWhatTheFilterRefuses) {
  KELP_ONLY_AS("the filter of the kelp around it refuses", "user", "noranges", "root");
  const Argv add = {"native", number(SYS_unshare), "0x10000000"};
  EXPECT_EQ(call_in({"--seccomp=@no-userns"}, add), answer_of(EPERM));
  EXPECT_EQ(call_in({"--seccomp=@no-userns", "--seccomp-log"}, add), "ok\n");
  const Outcome outcome = run_in("empty", {"--dry-run", "--seccomp-log"}, {"true"});
  EXPECT_THAT(
      outcome.out,
      HasSubstr("not enforced: a filter of system calls (default): what it refuses is logged, and done"));
}

}  // namespace
}  // namespace kelp::harness
