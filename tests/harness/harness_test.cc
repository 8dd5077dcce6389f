// SPDX-License-Identifier: Apache-2.0
// The harness must see what goes wrong, or every test on top of it proves nothing. Part of the unit tests.
#include "harness/harness.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(HarnessRun, TellsStatusOutputAndErrors) {
  const Outcome outcome = run({"sh", "-c", "cat; echo oops >&2; exit 3"}, {.stdin_text = "in"});
  EXPECT_EQ(outcome, (Outcome{.status = 3, .signal = 0, .timed_out = false, .out = "in", .err = "oops\n"}));
}

TEST(HarnessRun, TellsTheSignal) { EXPECT_EQ(run({"sh", "-c", "kill -TERM $$"}).signal, SIGTERM); }

TEST(HarnessRun, EndsWhatTakesTooLong) {
  EXPECT_TRUE(run({"sleep", "20"}, {.timeout = milliseconds{50}}).timed_out);
}

TEST(HarnessRun, NamesAProgramThatIsNotThere) {
  const Outcome outcome = run({"/no/such/program"});
  EXPECT_EQ(outcome.status, 127);
  EXPECT_THAT(outcome.err, HasSubstr("/no/such/program"));
}

TEST(HarnessRun, ChangesTheEnvironmentAndTheDirectory) {
  const Outcome outcome =
      run({"sh", "-c", "echo \"$A${HOME-unset}\"; pwd"}, {.env = {"A=one ", "HOME"}, .cwd = "/usr"});
  EXPECT_EQ(outcome.out, "one unset\n/usr\n");
}

TEST(HarnessRun, SeesWhatAProgramLeavesBehind) {
  adopt_orphans();
  run({"sh", "-c", "sleep 20 >/dev/null 2>&1 &"});
  const std::vector<pid_t> left = descendants(milliseconds{50});
  ASSERT_EQ(left.size(), 1U);
  ::kill(left.front(), SIGKILL);
  EXPECT_THAT(descendants(), IsEmpty());
}

TEST(HarnessRun, WaitsForALineOfARunningProgram) {
  Running program({"sh", "-c", "echo ready; exec sleep 20"}, {});
  EXPECT_TRUE(program.wait_for_output("ready\n"));
  EXPECT_FALSE(Running({"true"}, {}).wait_for_output("ready\n"));
}

TEST(HarnessPlaces, RemovesItsDirectory) {
  std::string path;
  {
    const TempDir place;
    path = place.path();
    EXPECT_EQ(read_file(place.file("a/b", "text")), "text");
    EXPECT_EQ(access(path.c_str(), F_OK), 0);
  }
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

TEST(HarnessPlaces, MakesARootThatWorksByItself) {
  KELP_REQUIRE(has_small_root(), "busybox-static is not installed");
  EXPECT_EQ(run({small_root() + "/bin/sh", "-c", "echo $((6 * 7))"}).out, "42\n");
}

TEST(HarnessPty, TypesAndReads) {
  PtySession shell({"sh", "-c", "stty size; read line; echo \"got $line\""}, {}, {.rows = 30, .columns = 90});
  EXPECT_TRUE(shell.wait_for("30 90"));
  shell.type("weed\r");
  EXPECT_TRUE(shell.wait_for("got weed"));
  EXPECT_FALSE(shell.wait_for("got weed", milliseconds{20}));
  EXPECT_EQ(shell.finish().status, 0);
}

TEST(HarnessPty, SeesThatAProgramIsStopped) {
  PtySession program({"cat"});
  EXPECT_FALSE(program.is_stopped(milliseconds{20}));
  ::kill(program.pid(), SIGSTOP);
  EXPECT_TRUE(program.is_stopped());
}

TEST(HarnessPty, LetsAShellStopItsJobByControlZ) {
  PtySession shell({"bash", "--norc", "--noediting", "-i"}, {.env = {"PS1=ready> "}}, {});
  ASSERT_TRUE(shell.wait_for("ready> "));
  shell.type("cat\rx\r");
  ASSERT_TRUE(shell.wait_for("x\r\nx"));
  EXPECT_NE(shell.foreground(), shell.pid());
  shell.type("\x1a");
  EXPECT_TRUE(shell.wait_for("Stopped"));
  EXPECT_TRUE(shell.wait_for("ready> "));
  EXPECT_EQ(shell.foreground(), shell.pid());
}

TEST(HarnessPty, ShowsTheSettingsOfTheTerminal) {
  PtySession program({"sh", "-c", "stty -echo; echo set; read line"});
  ASSERT_TRUE(program.wait_for("set"));
  EXPECT_EQ(program.settings().c_lflag & static_cast<tcflag_t>(ECHO), 0U);
}

}  // namespace
}  // namespace kelp::harness
