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

#include "e2e/each_init.h"

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

TEST(SignalsWithoutReaper, AreForwardedToACommandThatIsPid1) { expect_forwarding({"--no-init"}); }

TEST(SignalsWithoutReaper, AreForwardedInASharedPidNamespace) { expect_forwarding({"--share=pid"}); }

class Signals : public EachInit {};

TEST_P(Signals, AreForwardedToTheCommand) { expect_forwarding({init()}); }

TEST_P(Signals, AreForwardedInTheCallersSession) { expect_forwarding({init(), "--new-session=false"}); }

TEST_P(Signals, AreForwardedToAnotherUser) {
  KELP_ONLY_AS("it takes a second id", "user", "nested", "root");
  expect_forwarding({init(), "-u", "alga"});
}

TEST_P(Signals, EndTheCommandByTheirDefault) {
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGQUIT, SIGRTMIN + 3}) {
    Running running(with_init({kelp_binary(), "run", small_root(), "yes", "ready"}), {});
    ASSERT_TRUE(running.wait_for_output("ready"));
    running.kill(number);
    const Outcome outcome = running.finish();
    EXPECT_EQ(outcome.status, 128 + number);
    EXPECT_EQ(outcome.err, "") << "the command was running";
  }
}

void expect_a_terminals_signal_for_the_group(const std::string& flag) {
  Running running({kelp_binary(), "run", flag, small_root(), "sh", "-c",
                   "trap 'echo parent' INT; sh -c 'trap \"echo child; exit\" INT; echo ready; "
                   "while :; do sleep 0.02; done'; exit 5"},
                  {});
  ASSERT_TRUE(running.wait_for_output("ready"));
  running.kill(SIGINT);
  const Outcome outcome = running.finish();
  EXPECT_EQ(outcome.out, "ready\nchild\nparent\n");
  EXPECT_EQ(outcome.status, 5);
}

TEST_P(Signals, OfATerminalReachTheCommandsWholeGroup) { expect_a_terminals_signal_for_the_group(init()); }

TEST(SignalsWithoutReaper, OfATerminalReachTheCommandsWholeGroup) {
  expect_a_terminals_signal_for_the_group("--no-init");
  expect_a_terminals_signal_for_the_group("--share=pid");
}

TEST_P(Signals, AreAllAtTheirDefaultForTheCommand) {
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

KELP_FOR_EACH_INIT(Signals);

class Callers : public EachInit {};

TEST_P(Callers, IgnoredSigchldDoesNoHarm) {
  const Outcome outcome = kelp({"run", small_root(), "sh", "-c", "sleep 0.1; exit 4"},
                               {.before_exec = [] { signal(SIGCHLD, SIG_IGN); }});
  EXPECT_EQ(outcome.status, 4) << testing::PrintToString(outcome);
}

TEST_P(Callers, BlockedSignalsAreForwardedAllTheSame) {
  const RunOptions blocked = {.before_exec = [] {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
  }};
  Running running(with_init({kelp_binary(), "run", small_root(), "sh", "-c", kNames}), blocked);
  ASSERT_TRUE(running.wait_for_output("ready"));
  running.kill(SIGTERM);
  EXPECT_EQ(running.finish().status, 7);
}

TEST_P(Callers, NohupHoldsForTheContainer) {
  Running running(with_init({"nohup", kelp_binary(), "run", small_root(), "sh", "-c", kNames}), {});
  ASSERT_TRUE(running.wait_for_output("ready"));
  running.kill(SIGHUP);
  std::this_thread::sleep_for(milliseconds{200});
  running.kill(SIGUSR1);
  ASSERT_TRUE(running.wait_for_output("got USR1"));
  running.kill(SIGTERM);
  EXPECT_THAT(running.finish().out, testing::Not(HasSubstr("HUP")));
}

TEST_P(Callers, IgnoredSigpipeDoesNotReachTheCommand) {
  const Outcome outcome = run({"sh", "-c", "trap '' PIPE; \"$0\" run \"$2\" \"$1\" yes | head -n 1",
                               kelp_binary(), small_root(), init()},
                              {.timeout = milliseconds{10'000}});
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_EQ(outcome.out, "y\n");
  EXPECT_EQ(outcome.err, "") << "yes was ended by SIGPIPE, and did not complain";
}

TEST_P(Callers, ClosedStandardStreamsAreDevNullInside) {
  const std::string links = "for n in 0 1 2; do (readlink /proc/$$/fd/$n >&3); done";
  const TempDir place;
  for (const std::string closed : {"<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"}) {
    const Outcome outcome = run(
        {"sh", "-c", "exec 3>\"$3\"; exec \"$0\" run \"$4\" --preserve-fd=3 \"$1\" sh -c \"$2\" " + closed,
         kelp_binary(), small_root(), links, place.path() + "/seen", init()});
    EXPECT_EQ(outcome, (Outcome{.status = 0, .signal = 0, .timed_out = false, .out = "", .err = ""}))
        << closed;
    const std::string seen = read_file(place.path() + "/seen");
    EXPECT_EQ(std::count(seen.begin(), seen.end(), '\n'), 3) << seen;
    EXPECT_THAT(seen, HasSubstr("/dev/null\n")) << closed;
  }
}

TEST_P(Callers, ANamespaceAsStdinIsPassedThrough) {
  const Outcome outcome =
      run({"sh", "-c", "exec \"$0\" run \"$2\" \"$1\" readlink /proc/self/fd/0 </proc/self/ns/net",
           kelp_binary(), small_root(), init()});
  EXPECT_THAT(outcome.out, testing::StartsWith("net:["));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
}

TEST_P(Callers, ADirectoryAsAStandardStreamIsRefused) {
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

TEST_P(Callers, StdinPassesThrough) {
  EXPECT_EQ(kelp({"run", small_root(), "cat"}, {.stdin_text = std::string("a\0b\n\xff", 5)}).out,
            std::string("a\0b\n\xff", 5));
}

KELP_FOR_EACH_INIT(Callers);

}  // namespace
}  // namespace kelp::harness
