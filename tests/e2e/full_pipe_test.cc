// SPDX-License-Identifier: Apache-2.0
// Who reads what kelp writes may never do so. That keeps the command waiting, but not kelp from ending.
#include "e2e/full_pipe.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>

#include "harness/bpf.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Argv dialect(const std::string& option) {
  return {kelp_binary(),    "bwrap",     option,       std::to_string(kDescriptor),
          "--unshare-user", "--ro-bind", small_root(), "/",
          "echo",           "ran"};
}

TEST(FullPipe, OfTheInfoKeepsTheCommandWaiting) {
  for (const char* option : {"--info-fd", "--json-status-fd"}) {
    const FullPipe pipe;
    Running running(dialect(option), {.timeout = milliseconds{12000}, .before_exec = pipe.as(kDescriptor)});
    EXPECT_TRUE(wait_until_it_waits(running.pid())) << option;
    pipe.read_once(4096);
    const Outcome outcome = running.finish();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "ran\n");
    EXPECT_THAT(pipe.read_once(4096), HasSubstr("child-pid")) << option;
  }
}

// poll(2) calls a pipe of one page full as soon as it holds a line, and before Linux 6.4 no write can be
// asked not to wait. The control: with room for nothing it is waited for.
TEST(FullPipe, WithRoomForALineTakesItOnOldKernelsToo) {
  const auto as_before = [](const FullPipe& pipe) {
    return RunOptions{.timeout = milliseconds{3000}, .before_exec = [give = pipe.as(kDescriptor)] {
                        give();
                        Bpf code = answering(SYS_pwritev2, SECCOMP_RET_ERRNO | EOPNOTSUPP);
                        const sock_fprog program = {.len = static_cast<unsigned short>(code.size()),
                                                    .filter = code.data()};
                        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) std::abort();
                        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) std::abort();
                      }};
  };
  const FullPipe roomy(false);
  const Outcome outcome = run(dialect("--json-status-fd"), as_before(roomy));
  EXPECT_EQ(outcome, (Outcome{.status = 0, .out = "ran\n"}));
  EXPECT_THAT(roomy.read_once(4096), HasSubstr("\"exit-code\": 0"));
  const FullPipe full;
  EXPECT_TRUE(run(dialect("--json-status-fd"), as_before(full)).timed_out);
}

TEST(FullPipe, OfTheInfoDoesNotKeepKelpFromEndingByASignal) {
  adopt_orphans();
  for (const char* option : {"--info-fd", "--json-status-fd"}) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      const FullPipe pipe;
      Running running(dialect(option), {.timeout = milliseconds{12000}, .before_exec = pipe.as(kDescriptor)});
      EXPECT_TRUE(wait_until_it_waits(running.pid())) << option;
      running.kill(signal);
      const Outcome outcome = running.finish();
      EXPECT_FALSE(outcome.timed_out) << option << " " << signal;
      EXPECT_THAT(outcome.err, HasSubstr("interrupted by signal " + std::to_string(signal))) << option;
      EXPECT_EQ(outcome.out, "");
      EXPECT_THAT(descendants(), IsEmpty());
    }
  }
}

TEST(FullPipe, OfTheInfoIsNotWaitedForOnceTheContainerIsKilled) {
  for (const char* option : {"--info-fd", "--json-status-fd"}) {
    const FullPipe pipe;
    Running running(dialect(option), {.timeout = milliseconds{12000}, .before_exec = pipe.as(kDescriptor)});
    EXPECT_TRUE(wait_until_it_waits(running.pid())) << option;
    const std::string pid = std::to_string(running.pid());
    std::ifstream children(
        std::string("/proc/").append(pid).append("/task/").append(pid).append("/children"));
    pid_t child = -1;
    ASSERT_TRUE(children >> child);
    EXPECT_EQ(::kill(child, SIGKILL), 0);
    const Outcome outcome = running.finish();
    EXPECT_FALSE(outcome.timed_out) << option;
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr("killed by signal 9 during set-up")) << option;
  }
}

TEST(FullPipe, OfInfoAndErrorsAtOnceDoesNotEither) {
  const FullPipe pipe;
  Running running(dialect("--info-fd"), {.timeout = milliseconds{12000}, .before_exec = [&] {
                                           pipe.as(kDescriptor)();
                                           pipe.as(STDERR_FILENO)();
                                         }});
  EXPECT_TRUE(wait_until_it_waits(running.pid()));
  running.kill(SIGTERM);
  EXPECT_FALSE(running.finish().timed_out);
}

Argv reporting(const Argv& flags, const std::string& script) {
  Argv words = {kelp_binary(), "run", "--report", std::to_string(kDescriptor)};
  words.insert(words.end(), flags.begin(), flags.end());
  words.insert(words.end(), {small_root(), "sh", "-c", script});
  return words;
}

TEST(FullPipe, OfTheReportIsWaitedFor) {
  const FullPipe pipe;
  Running running(reporting({}, "exit 6"),
                  {.timeout = milliseconds{12000}, .before_exec = pipe.as(kDescriptor)});
  EXPECT_TRUE(wait_until_it_waits(running.pid()));
  pipe.read_once(4096);
  const Outcome outcome = running.finish();
  EXPECT_EQ(outcome, (Outcome{.status = 6}));
  EXPECT_THAT(pipe.read_once(4096), HasSubstr("\"exit\":6"));
}

TEST(FullPipe, OfTheReportDoesNotKeepKelpFromEndingByASignal) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const FullPipe pipe;
    Running running(reporting({}, "exit 6"),
                    {.timeout = milliseconds{12000}, .before_exec = pipe.as(kDescriptor)});
    EXPECT_TRUE(wait_until_it_waits(running.pid()));
    running.kill(signal);
    EXPECT_EQ(
        running.finish(),
        (Outcome{.status = 6, .err = "kelp: warning: cannot write the report: interrupted by a signal\n"}));
  }
}

TEST(FullPipe, OfTheReportHoldsNoLongerThanTheTimeout) {
  const FullPipe pipe;
  const RunOptions options = {.timeout = milliseconds{12000}, .before_exec = pipe.as(kDescriptor)};
  const std::string lost = "kelp: warning: cannot write the report: nobody reads\n";
  EXPECT_EQ(run(reporting({kSoon}, "exit 6"), options), (Outcome{.status = 6, .err = lost}));
  EXPECT_EQ(run(reporting({kSoon}, "exec sleep 100"), options), (Outcome{.status = 124, .err = lost}));
}

TEST(FullPipe, OfTheReportHoldsNoLongerThanAMomentAfterASignalForTheCommand) {
  const FullPipe pipe;
  Running running(reporting({}, "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done"),
                  {.timeout = milliseconds{12000}, .before_exec = pipe.as(kDescriptor)});
  EXPECT_TRUE(running.wait_for_output("ready"));
  running.kill(SIGTERM);
  const Outcome outcome = running.finish();
  EXPECT_EQ(outcome.status, 7) << testing::PrintToString(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("cannot write the report: nobody reads"));
}

TEST(FullPipe, OfTheReportIsWaitedForLongAfterAHangUpThatWasNoEnd) {
  const FullPipe pipe;
  Running running(reporting({},
                            "trap 'echo reloaded' HUP; echo ready; n=0;"
                            "while [ $n -lt 60 ]; do sleep 0.05; n=$((n+1)); done; echo over; exit 6"),
                  {.timeout = milliseconds{20000}, .before_exec = pipe.as(kDescriptor)});
  EXPECT_TRUE(running.wait_for_output("ready"));
  running.kill(SIGHUP);
  EXPECT_TRUE(running.wait_for_output("over"));
  std::this_thread::sleep_for(milliseconds(2000));
  pipe.read_once(4096);
  const Outcome outcome = running.finish();
  EXPECT_EQ(outcome.status, 6);
  EXPECT_EQ(outcome.out, "ready\nreloaded\nover\n");
  EXPECT_THAT(outcome.err, Not(HasSubstr("kelp:")));
  EXPECT_THAT(pipe.read_once(4096), HasSubstr("\"exit\":6"));
}

// In one session with kelp the command has got it already.
TEST(FullPipe, OfTheStatusHoldsNoLongerThanAMomentAfterCtrlC) {
  const FullPipe pipe(false);
  Argv words = dialect("--json-status-fd");
  words.resize(words.size() - 2);
  words.insert(words.end(), {"sh", "-c", "echo ready; exec sleep 60"});
  PtySession session(words, {.before_exec = pipe.as(kDescriptor)}, {});
  EXPECT_TRUE(session.wait_for("ready"));
  pipe.fill();
  session.type("\x03");
  const Outcome outcome = session.finish();
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_EQ(outcome.status, 128 + SIGINT);
}

TEST(FullPipe, OfErrorsHoldsNoLongerThanTheTimeout) {
  const FullPipe pipe;
  const Outcome outcome = run({kelp_binary(), "run", kSoon, small_root(), "/no/such"},
                              {.timeout = milliseconds{12000}, .before_exec = pipe.as(STDERR_FILENO)});
  EXPECT_EQ(outcome, (Outcome{.status = 127}));
}

// Each would else have a second of its own.
TEST(FullPipe, OfAllLastWordsTogetherHoldsForASecond) {
  const FullPipe pipe;
  const auto began = std::chrono::steady_clock::now();
  const Outcome outcome = run({kelp_binary(), "run", timeout_of(milliseconds{1000}), "--report",
                               std::to_string(kDescriptor), small_root(), "/no/such"},
                              {.timeout = milliseconds{12000}, .before_exec = [&] {
                                 pipe.as(kDescriptor)();
                                 pipe.as(STDERR_FILENO)();
                               }});
  EXPECT_NE(outcome.status, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - began, patiently(milliseconds{2500}));
}

}  // namespace
}  // namespace kelp::harness
