// SPDX-License-Identifier: Apache-2.0
// PID 1 and the life of a container: orphans are reaped, and nothing outlives kelp or the command.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "e2e/each_init.h"

namespace kelp::harness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Processes that nobody inside gets rid of: in sessions of their own, deaf to signals, without stdio.
constexpr char kStubborn[] =
    "trap '' HUP INT TERM QUIT USR1; "
    "for i in 1 2 3; do setsid sh -c 'sh -c \"sleep 1001\" & sleep 1002' </dev/null >/dev/null 2>&1 & done; "
    "sleep 0.2; echo ready; ";

// A program that was started, ends by SIGKILL, and what of it was left two seconds later.
std::vector<pid_t> left_after_kill(Argv flags, const std::string& script) {
  adopt_orphans();
  flags.insert(flags.begin(), {kelp_binary(), "run"});
  flags.insert(flags.end(), {small_root(), "sh", "-c", script});
  Running running(flags, {});
  EXPECT_TRUE(running.wait_for_output("ready"));
  running.kill(SIGKILL);
  EXPECT_EQ(running.finish().signal, SIGKILL);
  return descendants();
}

class Reaper : public EachInit {};

TEST_P(Reaper, IsPid1AndTheCommandIsItsChild) {
  EXPECT_EQ(kelp({"run", small_root(), "sh", "-c", "echo $$ $PPID"}).out, "2 1\n");
}

TEST_P(Reaper, TakesInOrphansAndLeavesNoZombie) {
  // Each inner shell ends before its child does, which so becomes PID 1's.
  const Outcome outcome = kelp({"run", small_root(), "sh", "-c",
                                "for i in 1 2 3 4 5 6 7 8; do (sleep 0.1 & ) ; done; sleep 0.5; "
                                "cat /proc/[0-9]*/stat | grep -c ' Z '; set -- /proc/[0-9]*; echo $#"});
  EXPECT_EQ(outcome.out, "0\n2\n") << "PID 1 and the shell";
}

TEST_P(Reaper, ShowsNeitherItsEnvironmentNorItsCommandLine) {
  const Outcome outcome = kelp({"run", small_root(), "sh", "-c",
                                "cat /proc/1/cmdline | tr -d '\\0'; echo; id -u; "
                                "cat /proc/1/environ; ls /proc/1/fd"},
                               {.env = {"KELP_SECRET=coral"}});
  EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("coral")));
  // Of the init the numbers of the command and of descriptors; where these lead to is not shown.
  EXPECT_THAT(outcome.out, testing::MatchesRegex("(kelp-init[0-9]+)?\n0\n([0-9]+\n)?"));
  EXPECT_THAT(outcome.err, HasSubstr("/proc/1/environ"));
}

TEST_P(Reaper, CannotBeEndedFromInside) {
  EXPECT_EQ(kelp({"run", small_root(), "sh", "-c", "kill -KILL 1; kill -STOP 1; sleep 0.1; echo alive"}).out,
            "alive\n");
}

KELP_FOR_EACH_INIT(Reaper);

TEST(NoInit, MakesTheCommandPid1) {
  EXPECT_EQ(kelp({"run", "--no-init", small_root(), "sh", "-c", "echo $$ $PPID"}).out, "1 0\n");
}

class Life : public EachInit {};

TEST_P(Life, EndsWithTheCommandForAllThatRunsInside) {
  adopt_orphans();
  const Outcome outcome = kelp({"run", small_root(), "sh", "-c", std::string(kStubborn) + "exit 6"});
  EXPECT_EQ(outcome.status, 6) << testing::PrintToString(outcome);
  EXPECT_THAT(descendants(milliseconds{0}), IsEmpty()) << "not even for a moment";
}

TEST(LifeWithoutReaper, EndsWithTheCommandThatIsPid1) {
  adopt_orphans();
  EXPECT_EQ(kelp({"run", "--no-init", small_root(), "sh", "-c", std::string(kStubborn) + "exit 6"}).status,
            6);
  EXPECT_THAT(descendants(milliseconds{0}), IsEmpty());
}

TEST_P(Life, EndsWithAKilledKelpForAllThatRunsInside) {
  EXPECT_THAT(left_after_kill({init()}, std::string(kStubborn) + "sleep 1000"), IsEmpty());
}

TEST(LifeWithoutReaper, EndsWithAKilledKelp) {
  EXPECT_THAT(left_after_kill({"--no-init"}, std::string(kStubborn) + "sleep 1000"), IsEmpty());
}

TEST(LifeWithoutReaper, EndsWithAKilledKelpForAnotherUser) {
  KELP_ONLY_AS("it takes a second id", "user", "nested", "root");
  // A change of user cuts the tie to the parent (PR_SET_PDEATHSIG).
  EXPECT_THAT(left_after_kill({"--no-init", "-u", "alga"}, "echo ready; exec sleep 1000"), IsEmpty());
}

TEST_P(Life, EndsWithAKilledKelpForAnotherUser) {
  KELP_ONLY_AS("it takes a second id", "user", "nested", "root");
  EXPECT_THAT(left_after_kill({init(), "-u", "alga"}, "echo ready; exec sleep 1000"), IsEmpty());
}

TEST(LifeWithoutReaper, EndsWithAKilledKelpForTheCommandInASharedPidNamespace) {
  EXPECT_THAT(left_after_kill({"--share=pid"}, "echo ready; exec sleep 1000"), IsEmpty());
  EXPECT_THAT(left_after_kill({"--bare"}, "echo ready; exec sleep 1000"), IsEmpty());
}

TEST(LifeWithoutReaper, EndsWithAKilledKelpForAnotherUserInASharedPidNamespace) {
  KELP_ONLY_AS("it takes a second id", "user", "nested", "root");
  EXPECT_THAT(left_after_kill({"--share=pid", "-u", "alga"}, "echo ready; exec sleep 1000"), IsEmpty());
}

TEST_P(Life, EndsWithAKilledKelpThatHasATerminal) {
  adopt_orphans();
  PtySession session(
      with_init({kelp_binary(), "run", small_root(), "sh", "-c", std::string(kStubborn) + "sleep 1000"}));
  ASSERT_TRUE(session.wait_for("ready"));
  kill(session.pid(), SIGKILL);
  EXPECT_EQ(session.finish().signal, SIGKILL);
  EXPECT_THAT(descendants(), IsEmpty());
}

// kelp blocks what it reads itself.
bool comes_to_block(pid_t pid, int signal) {
  for (int i = 0; i < 1000; ++i) {
    const std::string status = read_file("/proc/" + std::to_string(pid) + "/status");
    const std::size_t at = status.find("SigBlk:\t");
    if (at != std::string::npos &&
        (std::stoull(status.substr(at + 8, 16), nullptr, 16) >> (signal - 1) & 1) != 0)
      return true;
    std::this_thread::sleep_for(milliseconds{20});
  }
  return false;
}

TEST_P(Life, EndsWhenKelpIsToldToEndWhileItStarts) {
  adopt_orphans();
  const TempDir place;
  Running running(
      {"sh", "-c", "mkfifo \"$2\"; echo made; exec \"$0\" run \"$3\" --file=3:/x \"$1\" true 3<>\"$2\"",
       kelp_binary(), small_root(), place.path() + "/fifo", init()},
      {});
  ASSERT_TRUE(running.wait_for_output("made"));
  ASSERT_TRUE(comes_to_block(running.pid(), SIGTERM));
  running.kill(SIGTERM);
  const Outcome outcome = running.finish();
  EXPECT_EQ(outcome.status, 128 + SIGTERM);
  EXPECT_EQ(outcome.err, "kelp: cannot start the container: interrupted by signal 15\n");
  EXPECT_THAT(descendants(), IsEmpty());
}

TEST_P(Life, EndsForAPipeThatIsReadNoFurther) {
  // No pty here: the command itself gets SIGPIPE.
  const Outcome outcome =
      run({"sh", "-c", "\"$0\" run \"$2\" \"$1\" yes | head -n 1", kelp_binary(), small_root(), init()},
          {.timeout = milliseconds{10'000}});
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_EQ(outcome.out, "y\n");
}

KELP_FOR_EACH_INIT(Life);

class Stopping : public EachInit {};

TEST_P(Stopping, KelpStopsNothingInsideAndGoesOn) {
  Running running(
      with_init({kelp_binary(), "run", small_root(), "sh", "-c", "echo one; read line; echo two; exit 3"}),
      {});
  ASSERT_TRUE(running.wait_for_output("one"));
  running.kill(SIGSTOP);
  std::this_thread::sleep_for(milliseconds{100});
  running.kill(SIGCONT);
  const Outcome outcome = running.finish();
  EXPECT_EQ(outcome.status, 3);
  EXPECT_EQ(outcome.out, "one\ntwo\n");
}

TEST_P(Stopping, OfTheCommandIsUndoneBySigcontToKelp) {
  Running running(
      with_init({kelp_binary(), "run", small_root(), "sh", "-c", "echo one; kill -STOP $$; echo two"}), {});
  ASSERT_TRUE(running.wait_for_output("one"));
  std::this_thread::sleep_for(milliseconds{200});
  running.kill(SIGCONT);
  EXPECT_TRUE(running.wait_for_output("two"));
  EXPECT_EQ(running.finish().status, 0);
}

// In kelp's own session and group, as bubblewrap has it: nobody continues kelp but who stopped it.
TEST_P(Stopping, OfTheCommandByItselfIsNoneOfKelp) {
  for (const char* signal : {"STOP", "TSTP", "TTIN", "TTOU"}) {
    const Outcome outcome =
        kelp({"run", "--new-session=false", small_root(), "sh", "-c",
              std::string("(sleep 0.2; kill -CONT $$) & kill -") + signal + " $$; echo resumed"});
    EXPECT_FALSE(outcome.timed_out) << signal;
    EXPECT_EQ(outcome.status, 0) << signal;
    EXPECT_EQ(outcome.out, "resumed\n") << signal;
  }
}

KELP_FOR_EACH_INIT(Stopping);

}  // namespace
}  // namespace kelp::harness
