// SPDX-License-Identifier: Apache-2.0
// Signals: what reaches the command, and that a caller's odd habits (masks, ignored signals, closed
// descriptors) do no harm.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "harness/harness.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;

// A shell that names the signals it gets, and ends at TERM.
constexpr char kNames[] =
    "for s in HUP INT QUIT USR1 USR2 ALRM WINCH ABRT; do trap \"echo got $s\" $s; done; "
    "trap 'echo got TERM; exit 7' TERM; echo ready; while :; do sleep 0.02; done";

// Sends each and sees it arrive, then TERM.
void expect_forwarding(const Argv& flags) {
  Argv argv = {kelp_binary(), "run"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  argv.insert(argv.end(), {small_root(), "sh", "-c", kNames});
  Running running(argv, {});
  ASSERT_TRUE(running.wait_for_output("ready"));
  const std::pair<int, std::string> known[] = {{SIGHUP, "HUP"},   {SIGINT, "INT"},    {SIGQUIT, "QUIT"},
                                               {SIGUSR1, "USR1"}, {SIGUSR2, "USR2"},  {SIGALRM, "ALRM"},
                                               {SIGABRT, "ABRT"}, {SIGWINCH, "WINCH"}};
  for (const auto& [number, name] : known) {
    running.kill(number);
    EXPECT_TRUE(running.wait_for_output("got " + name));
  }
  running.kill(SIGTERM);
  const Outcome outcome = running.finish();
  EXPECT_EQ(outcome.status, 7) << testing::PrintToString(outcome);
}

TEST(Signals, AreForwardedToTheCommand) { expect_forwarding({}); }

TEST(Signals, AreForwardedToACommandThatIsPid1) { expect_forwarding({"--no-init"}); }

TEST(Signals, AreForwardedInASharedPidNamespace) { expect_forwarding({"--share=pid"}); }

TEST(Signals, AreForwardedInTheCallersSession) { expect_forwarding({"--new-session=false"}); }

TEST(Signals, AreForwardedToAnotherUser) {
  KELP_ONLY_AS("it takes a second id", "user", "nested", "root");
  expect_forwarding({"-u", "alga"});
}

TEST(Signals, EndTheCommandByTheirDefault) {
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGQUIT, SIGRTMIN + 3}) {
    Running running({kelp_binary(), "run", small_root(), "yes", "ready"}, {});
    ASSERT_TRUE(running.wait_for_output("ready"));
    running.kill(number);
    const Outcome outcome = running.finish();
    EXPECT_EQ(outcome.status, 128 + number);
    EXPECT_EQ(outcome.err, "") << "the command was running";
  }
}

TEST(Signals, OfATerminalReachTheCommandsWholeGroup) {
  for (const Argv& flags : {Argv{}, Argv{"--no-init"}, Argv{"--share=pid"}}) {
    Argv argv = {kelp_binary(), "run"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    argv.insert(argv.end(), {small_root(), "sh", "-c",
                             "trap 'echo parent' INT; sh -c 'trap \"echo child; exit\" INT; echo ready; "
                             "while :; do sleep 0.02; done'; exit 5"});
    Running running(argv, {});
    ASSERT_TRUE(running.wait_for_output("ready"));
    running.kill(SIGINT);
    const Outcome outcome = running.finish();
    EXPECT_EQ(outcome.out, "ready\nchild\nparent\n");
    EXPECT_EQ(outcome.status, 5);
  }
}

TEST(Signals, AreAllAtTheirDefaultForTheCommand) {
  const Outcome outcome =
      kelp({"run", small_root(), "grep", "^Sig[BIC]", "/proc/self/status"}, {.before_exec = [] {
             for (int number = 1; number < NSIG; ++number) signal(number, SIG_IGN);
             sigset_t all;
             sigfillset(&all);
             sigprocmask(SIG_BLOCK, &all, nullptr);
           }});
  EXPECT_EQ(outcome.out, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000\n");
  EXPECT_EQ(outcome.status, 0);
}

TEST(Callers, IgnoredSigchldDoesNoHarm) {
  const Outcome outcome = kelp({"run", small_root(), "sh", "-c", "sleep 0.1; exit 4"},
                               {.before_exec = [] { signal(SIGCHLD, SIG_IGN); }});
  EXPECT_EQ(outcome.status, 4) << testing::PrintToString(outcome);
}

TEST(Callers, BlockedSignalsAreForwardedAllTheSame) {
  Running running({kelp_binary(), "run", small_root(), "sh", "-c", kNames}, {.before_exec = [] {
                    sigset_t all;
                    sigfillset(&all);
                    sigprocmask(SIG_BLOCK, &all, nullptr);
                  }});
  ASSERT_TRUE(running.wait_for_output("ready"));
  running.kill(SIGTERM);
  EXPECT_EQ(running.finish().status, 7);
}

TEST(Callers, NohupHoldsForTheContainer) {
  Running running({"nohup", kelp_binary(), "run", small_root(), "sh", "-c", kNames}, {});
  ASSERT_TRUE(running.wait_for_output("ready"));
  running.kill(SIGHUP);
  std::this_thread::sleep_for(milliseconds{200});
  running.kill(SIGUSR1);
  ASSERT_TRUE(running.wait_for_output("got USR1"));
  running.kill(SIGTERM);
  EXPECT_THAT(running.finish().out, testing::Not(HasSubstr("HUP")));
}

TEST(Callers, IgnoredSigpipeDoesNotReachTheCommand) {
  const Outcome outcome =
      run({"sh", "-c", "trap '' PIPE; \"$0\" run \"$1\" yes | head -n 1", kelp_binary(), small_root()},
          {.timeout = milliseconds{10'000}});
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_EQ(outcome.out, "y\n");
  EXPECT_EQ(outcome.err, "") << "yes was ended by SIGPIPE, and did not complain";
}

TEST(Callers, ClosedStandardStreamsAreDevNullInside) {
  const std::string links = "for n in 0 1 2; do (readlink /proc/$$/fd/$n >&3); done";
  const TempDir place;
  for (const std::string closed : {"<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"}) {
    const Outcome outcome =
        run({"sh", "-c", "exec 3>\"$3\"; exec \"$0\" run --preserve-fd=3 \"$1\" sh -c \"$2\" " + closed,
             kelp_binary(), small_root(), links, place.path() + "/seen"});
    EXPECT_EQ(outcome, (Outcome{.status = 0, .signal = 0, .timed_out = false, .out = "", .err = ""}))
        << closed;
    const std::string seen = read_file(place.path() + "/seen");
    EXPECT_EQ(std::count(seen.begin(), seen.end(), '\n'), 3) << seen;
    EXPECT_THAT(seen, HasSubstr("/dev/null\n")) << closed;
  }
}

TEST(Callers, ANamespaceAsStdinIsPassedThrough) {
  const Outcome outcome =
      run({"sh", "-c", "exec \"$0\" run \"$1\" readlink /proc/self/fd/0 </proc/self/ns/net", kelp_binary(),
           small_root()});
  EXPECT_THAT(outcome.out, testing::StartsWith("net:["));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
}

TEST(Callers, ADirectoryAsAStandardStreamIsRefused) {
  const std::string reason = ": it is a directory, which would lead out of the container\n";
  for (const std::string number : {"0", "1", "2"}) {
    const Outcome outcome = run(
        {"sh", "-c", "exec 4>&2; \"$0\" run --log-format=text \"$1\" true " + number + "</ ; s=$?; exit $s",
         kelp_binary(), small_root()});
    EXPECT_EQ(outcome.status, 125);
    if (number != "2") {
      EXPECT_EQ(outcome.err, "kelp: cannot pass on descriptor " + number + reason);
    }
  }
}

TEST(Callers, StdinPassesThrough) {
  EXPECT_EQ(kelp({"run", small_root(), "cat"}, {.stdin_text = std::string("a\0b\n\xff", 5)}).out,
            std::string("a\0b\n\xff", 5));
}

}  // namespace
}  // namespace kelp::harness
