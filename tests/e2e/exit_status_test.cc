// SPDX-License-Identifier: Apache-2.0
// What `kelp run` exits with, and the line it says where the command could not be run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>

#include "e2e/each_init.h"

namespace kelp::harness {
namespace {

using std::chrono::steady_clock;
using testing::AllOf;
using testing::HasSubstr;

Outcome refused(int status, std::string err) {
  return {.status = status, .signal = 0, .timed_out = false, .out = "", .err = std::move(err)};
}

class ExitStatus : public EachInit {
 protected:
  static Outcome in_root(Argv command) {
    command.insert(command.begin(), {"run", small_root()});
    return kelp(std::move(command));
  }
};

TEST_P(ExitStatus, IsTheCommandsOwn) {
  for (const int status : {0, 1, 7, 124, 125, 126, 127, 128, 255}) {
    EXPECT_EQ(in_root({"sh", "-c", "exit " + std::to_string(status)}), refused(status, ""));
  }
}

TEST_P(ExitStatus, Is128AndTheSignalThatEndedTheCommand) {
  for (const int number : {SIGTERM, SIGKILL, SIGINT, SIGHUP, SIGSEGV, SIGPIPE, SIGUSR1, 64}) {
    EXPECT_EQ(in_root({"sh", "-c", "kill -" + std::to_string(number) + " $$"}), refused(128 + number, ""));
  }
}

TEST(ExitStatusWithoutReaper, IsTheCommandsOwnToo) {
  EXPECT_EQ(kelp({"run", "--no-init", small_root(), "sh", "-c", "exit 9"}), refused(9, ""));
  EXPECT_EQ(kelp({"run", "--share=pid", small_root(), "sh", "-c", "exit 9"}), refused(9, ""));
  EXPECT_EQ(kelp({"run", "--share=pid", small_root(), "sh", "-c", "kill -9 $$"}), refused(137, ""));
}

TEST_P(ExitStatus, IsThatOfTheCommandWhenAChildEndsLater) {
  EXPECT_EQ(in_root({"sh", "-c", "(sleep 1000; exit 3) & exit 4"}), refused(4, ""));
}

TEST_P(ExitStatus, Is127ForAProgramThatIsNotInThePath) {
  EXPECT_EQ(
      in_root({"no-such-program", "x"}),
      refused(127, "kelp: cannot find no-such-program: there is no such program in the container's PATH\n"));
}

TEST_P(ExitStatus, Is127ForAPathThatIsNotThere) {
  EXPECT_EQ(in_root({"/bin/absent"}),
            refused(127, "kelp: cannot execute /bin/absent: No such file or directory\n"));
  EXPECT_EQ(in_root({"/etc/passwd/x"}),
            refused(127, "kelp: cannot execute /etc/passwd/x: Not a directory\n"));
  EXPECT_EQ(in_root({"./absent"}),
            refused(127, "kelp: cannot execute ./absent: No such file or directory\n"));
}

// The usual slip of those who come from a shell: the container's / is not where they are.
TEST_P(ExitStatus, ForAScriptOfTheWorkingDirectorySaysWhereTheCommandStarts) {
  const TempDir place;
  place.file("script", "#!/bin/sh\n", 0755);
  const RunOptions there = {.cwd = place.path()};
  const std::string sentence = "kelp: cannot execute ./script: No such file or directory\n";
  EXPECT_EQ(
      kelp({"run", small_root(), "./script"}, there),
      refused(127, sentence + "hint: the command starts in the container's /, which has no such file; --here "
                              "shares this directory and starts in it\n"));
  EXPECT_EQ(kelp({"run", "-w", "/etc", small_root(), "./script"}, there), refused(127, sentence));
  EXPECT_EQ(kelp({"run", "--here", small_root(), "./script"}, there), refused(0, ""));
}

TEST_P(ExitStatus, Is126ForADirectory) {
  EXPECT_EQ(in_root({"/bin"}), refused(126, "kelp: cannot execute /bin: Is a directory\n"));
  EXPECT_EQ(in_root({"./"}), refused(126, "kelp: cannot execute ./: Is a directory\n"));
}

TEST_P(ExitStatus, Is126ForAFileThatIsNotExecutable) {
  EXPECT_EQ(in_root({"/etc/passwd"}), refused(126, "kelp: cannot execute /etc/passwd: Permission denied\n"));
}

TEST_P(ExitStatus, NamesTheMissingInterpreterOfAScript) {
  const TempDir place;
  const std::string root = make_small_root(place);
  place.file("root/bin/script", "#!  /opt/no/perl -w\nprint 1\n", 0755);
  place.file("root/bin/script2", "#!/usr/bin/env\tx", 0755);
  EXPECT_EQ(
      kelp({"run", root, "script"}),
      refused(126,
              "kelp: cannot execute /bin/script: its interpreter /opt/no/perl does not exist in the root\n"));
  EXPECT_EQ(
      kelp({"run", root, "/bin/script2"}),
      refused(
          126,
          "kelp: cannot execute /bin/script2: its interpreter /usr/bin/env does not exist in the root\n"));
}

TEST_P(ExitStatus, NamesTheMissingInterpreterOfADynamicProgram) {
  const TempDir place;
  const std::string root = make_small_root(place);
  place.file("root/bin/dynamic", read_file("/usr/bin/env"), 0755);
  const Outcome outcome = kelp({"run", root, "dynamic"});
  EXPECT_EQ(outcome.status, 126);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("kelp: cannot execute /bin/dynamic: its interpreter /lib"),
                                 HasSubstr(" does not exist in the root\n")));
}

TEST_P(ExitStatus, Is126ForAFileThatIsNoProgram) {
  const TempDir place;
  const std::string root = make_small_root(place);
  for (const std::string text : {"", "echo no interpreter\n", "\177ELF",
                                 "\177ELF\2\1\1garbage garbage "
                                 "garbage garbage garbage garbage "
                                 "garbage garbage"}) {
    place.file("root/bin/broken", text, 0755);
    EXPECT_EQ(kelp({"run", root, "broken"}),
              refused(126, "kelp: cannot execute /bin/broken: Exec format error\n"))
        << text;
  }
}

TEST_P(ExitStatus, GoesOnInThePathPastWhatIsNotExecutable) {
  const TempDir place;
  const std::string root = make_small_root(place);
  place.dir("root/usr/local/bin/ls");
  place.file("root/usr/bin/ls", "not this", 0644);
  EXPECT_EQ(kelp({"run", root, "ls", "-d", "/bin"}).out, "/bin\n");
}

TEST_P(ExitStatus, Is126WhereThePathHoldsOnlyWhatIsNotExecutable) {
  const TempDir place;
  const std::string root = make_small_root(place);
  place.file("root/usr/bin/tool", "not this", 0644);
  EXPECT_EQ(kelp({"run", root, "tool"}),
            refused(126, "kelp: cannot execute /usr/bin/tool: Permission denied\n"));
}

TEST_P(ExitStatus, ShowsStrangeBytesOfANameAsHex) {
  EXPECT_EQ(
      in_root({"no\nsuch\x1b[31m\xff"}),
      refused(127,
              "kelp: cannot find no\\x0Asuch\\x1B[31m\\xFF: there is no such program in the container's "
              "PATH\n"));
}

TEST_P(ExitStatus, Is126ForANameThatIsTooLong) {
  const Outcome outcome = in_root({"/" + std::string(5000, 'a')});
  EXPECT_EQ(outcome.status, 126);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("kelp: cannot execute /aaaa"), HasSubstr(": File name too long\n")));
}

TEST_P(ExitStatus, Is124WhenTheTimeIsOver) {
  const auto before = steady_clock::now();
  EXPECT_EQ(kelp({"run", kSoon, small_root(), "sleep", "1000"}), refused(124, ""));
  EXPECT_LT(steady_clock::now() - before, patiently(milliseconds{9000}));
}

TEST_P(ExitStatus, Is124AlsoWhenTheCommandEndsWellOnTerm) {
  const Outcome outcome = kelp({"run", kSoon, small_root(), "sh", "-c",
                                "trap 'echo told; exit 0' TERM; while :; do sleep 0.05; done"});
  EXPECT_EQ(outcome.status, 124);
  EXPECT_EQ(outcome.out, "told\n");
}

TEST_P(ExitStatus, IsTheCommandsOwnWhenItEndsInTime) {
  EXPECT_EQ(kelp({"run", "--timeout=60", small_root(), "sh", "-c", "exit 5"}), refused(5, ""));
}

KELP_FOR_EACH_INIT(ExitStatus);

class Timeout : public EachInit {};

TEST_P(Timeout, KillsTenSecondsLaterWhatIgnoresTerm) {
  adopt_orphans();
  const auto before = steady_clock::now();
  const Outcome outcome = kelp({"run", kSoon, small_root(), "sh", "-c",
                                "trap '' TERM HUP INT; setsid sleep 1000 & while :; do sleep 1; done"});
  const auto took = steady_clock::now() - before;
  EXPECT_EQ(outcome, refused(124, ""));
  EXPECT_GT(took, milliseconds{10'000});
  EXPECT_LT(took, patiently(milliseconds{19'000}));
  EXPECT_TRUE(descendants().empty());
}

TEST_P(Timeout, EndsACommandThatHasStoppedItself) {
  const auto before = steady_clock::now();
  EXPECT_EQ(kelp({"run", kSoon, small_root(), "sh", "-c", "kill -STOP $$"}).status, 124);
  EXPECT_LT(steady_clock::now() - before, milliseconds{9000});
}

TEST_P(Timeout, EndsAStartThatHangsToo) {
  const TempDir place;
  const std::string fifo = place.path() + "/fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  // Nobody ever writes what --file is to read.
  const Outcome outcome =
      run({"sh", "-c", "exec \"$0\" run \"$3\" --timeout=300ms --file=3:/x \"$1\" true 3<>\"$2\"",
           kelp_binary(), small_root(), fifo, init()},
          {.timeout = milliseconds{10'000}});
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_EQ(outcome, refused(124, "kelp: cannot start the container: the time is over (--timeout)\n"));
}

KELP_FOR_EACH_INIT(Timeout);

}  // namespace
}  // namespace kelp::harness
