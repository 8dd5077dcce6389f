// SPDX-License-Identifier: Apache-2.0
// Job control: a shell outside, a shell or a program inside, and Ctrl-Z, fg, bg and & in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "e2e/each_init.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::Not;

// An interactive shell with job control on a terminal; `k` runs a script in a container.
class Shell {
 public:
  explicit Shell(const std::string& flags)
      : session_({"bash", "--norc", "--noprofile", "-i"},
                 {.env = {"PS1=prompt> ", "PS2=", "KELP=" + kelp_binary(), "ROOT=" + small_root(),
                          "FLAGS=" + flags, "HISTFILE=", "BASH_SILENCE_DEPRECATION_WARNING=1"}},
                 {}) {
    EXPECT_TRUE(session_.wait_for("prompt> "));
    // The line editor would change the terminal's settings at each prompt.
    enter("set +o emacs; stty -echo; k() { \"$KELP\" run $FLAGS \"$ROOT\" sh -c \"$1\"; }");
    prompt();
  }
  void enter(const std::string& line) { session_.type(line + "\r"); }
  void prompt() { EXPECT_TRUE(session_.wait_for("prompt> ")) << session_.seen(); }
  void see(const std::string& text) {
    EXPECT_TRUE(session_.wait_for(text)) << "no " << text << " in:\n" << session_.seen();
  }
  bool is_raw() const { return (session_.settings().c_lflag & (ICANON | ISIG)) == 0; }
  // Raw mode is taken up a moment after the shell has given the terminal.
  bool gets_raw() const {
    for (int i = 0; i < 100 && !is_raw(); ++i) std::this_thread::sleep_for(milliseconds{20});
    return is_raw();
  }
  PtySession* operator->() { return &session_; }

 private:
  PtySession session_;
};

class Jobs : public EachInit {};

#define NEEDS_BASH() KELP_REQUIRE(has_program("bash"), "bash is not installed")

// The command could else keep --timeout from being heard, and stop a whole script around kelp.
TEST_P(Jobs, ACommandThatStopsItselfStopsNotKelp) {
  for (const char* signal : {"TSTP", "STOP"}) {
    PtySession session(with_init({kelp_binary(), "run", kSoon, small_root(), "sh", "-c",
                                  std::string("kill -") + signal + " $$; sleep 60"}));
    const Outcome outcome = session.finish(milliseconds{20'000});
    EXPECT_EQ(outcome.status, 124) << signal << testing::PrintToString(outcome);
  }
}

TEST_P(Jobs, CtrlZStopsBothSidesAndFgResumesThem) {
  NEEDS_BASH();
  Shell shell(init());
  shell.enter("k 'echo ready; while read x; do echo got $x; done'");
  shell.see("ready");
  EXPECT_TRUE(shell.is_raw());
  shell->type("\x1a");
  shell.see("Stopped");
  shell.prompt();
  EXPECT_FALSE(shell.is_raw());
  shell.enter("echo outside $((1 + 1))");
  shell.see("outside 2");
  shell.prompt();
  shell.enter("fg");
  EXPECT_TRUE(shell.gets_raw());
  shell.enter("one");
  shell.see("got one");
  shell->type("\x1a");
  shell.see("Stopped");
  shell.prompt();
  shell.enter("fg");
  EXPECT_TRUE(shell.gets_raw());
  shell.enter("two");
  shell.see("got two");
  shell->type("\x04");
  shell.prompt();
  EXPECT_FALSE(shell.is_raw());
}

TEST_P(Jobs, CtrlZStopsWhatRunsInside) {
  NEEDS_BASH();
  Shell shell(init());
  const TempDir place;
  const std::string file = place.file("ticks");
  shell.enter("FLAGS=\"$FLAGS -v " + file + ":/tmp/ticks\"");
  shell.prompt();
  shell.enter("k 'echo ready; while :; do echo tick >>/tmp/ticks; sleep 0.02; done'");
  shell.see("ready");
  shell->type("\x1a");
  shell.see("Stopped");
  std::this_thread::sleep_for(milliseconds{100});
  const std::string before = read_file(file);
  std::this_thread::sleep_for(milliseconds{300});
  EXPECT_EQ(read_file(file), before);
  shell.enter("bg");
  shell.prompt();
  std::this_thread::sleep_for(milliseconds{500});
  EXPECT_GT(read_file(file).size(), before.size());
  shell.enter("kill %1; wait; echo over");
  shell.see("over");
}

TEST_P(Jobs, CtrlZStopsAScriptAroundKelp) {
  NEEDS_BASH();
  Shell shell(init());
  // The script is kelp's parent and in its process group: a shell that only saw kelp stop would wait for
  // ever.
  shell.enter(
      "sh -c '\"$KELP\" run $FLAGS \"$ROOT\" sh -c \"echo ready; read x; echo got \\$x\"; echo script goes "
      "on'");
  shell.see("ready");
  shell->type("\x1a");
  shell.see("Stopped");
  shell.prompt();
  shell.enter("fg");
  EXPECT_TRUE(shell.gets_raw());
  shell.enter("it");
  shell.see("got it");
  shell.see("script goes on");
}

TEST_P(Jobs, OfAShellInsideAreItsOwn) {
  NEEDS_BASH();
  Shell shell(init());
  shell.enter("\"$KELP\" run $FLAGS -e PS1='inner# ' \"$ROOT\" sh -i");
  shell.see("inner# ");
  shell.enter("sleep 1000");
  std::this_thread::sleep_for(milliseconds{300});
  shell->type("\x1a");
  shell.see("Stopped");
  shell.see("inner# ");
  shell.enter("jobs; fg");
  shell.see("Stopped");
  std::this_thread::sleep_for(milliseconds{200});
  shell->type("\x03");
  shell.see("inner# ");
  shell.enter("exit");
  shell.prompt();
  EXPECT_FALSE(shell.is_raw());
}

TEST_P(Jobs, InTheBackgroundLeaveTheTerminalAlone) {
  NEEDS_BASH();
  Shell shell(init());
  shell.enter("k 'sleep 0.3; echo in; read x; echo got $x' &");
  shell.prompt();
  shell.see("in");
  EXPECT_FALSE(shell.is_raw());
  shell.enter("echo outside $((1 + 1))");
  shell.see("outside 2");
  shell.prompt();
  EXPECT_FALSE(shell.is_raw());
  // `fg` of a job that runs sends it nothing.
  shell.enter("fg");
  EXPECT_TRUE(shell.gets_raw());
  shell.enter("at last");
  shell.see("got at last");
  shell.prompt();
  EXPECT_FALSE(shell.is_raw());
}

TEST_P(Jobs, InTheBackgroundEndLikeOthers) {
  NEEDS_BASH();
  Shell shell(init());
  shell.enter("k 'sleep 0.2; exit 3' & wait $!; echo status $?");
  shell.see("status 3");
  EXPECT_FALSE(shell.is_raw());
}

TEST_P(Jobs, InTheBackgroundDoNotStartWithTheModesOfALineEditor) {
  NEEDS_BASH();
  PtySession session({"bash", "--norc", "--noprofile", "-i"},
                     {.env = {"PS1=prompt> ", "KELP=" + kelp_binary(), "ROOT=" + small_root(),
                              "FLAGS=" + init(), "HISTFILE="}},
                     {});
  ASSERT_TRUE(session.wait_for("prompt> "));
  session.type("(sleep 0.5; exec \"$KELP\" run $FLAGS \"$ROOT\" stty -a) &\r");
  EXPECT_TRUE(session.wait_for(" icanon ")) << session.seen();
}

TEST_P(Jobs, StoppedFromOutsideGetTheTerminalBack) {
  NEEDS_BASH();
  Shell shell(init());
  shell.enter("k 'echo ready; while read x; do echo got $x; done'");
  shell.see("ready");
  kill(-shell->foreground(), SIGSTOP);
  shell.see("Stopped");
  shell.enter("stty icanon isig; echo outside $((1 + 1))");
  shell.see("outside 2");
  shell.prompt();
  EXPECT_FALSE(shell.is_raw());
  shell.enter("bg");
  shell.prompt();
  std::this_thread::sleep_for(milliseconds{400});
  EXPECT_FALSE(shell.is_raw()) << "in the background it is not ours";
  shell.enter("fg");
  EXPECT_TRUE(shell.gets_raw());
  shell.enter("one");
  shell.see("got one");
  shell->type("\x04");
  shell.prompt();
}

void expect_stop_without_terminal(const std::string& flags) {
  SCOPED_TRACE(flags);
  Shell shell(flags);
  // Not by k: its function would be a process between the shell and kelp, and "Stopped" of that one alone
  // comes before kelp has stopped the command, which could still read the line below.
  shell.enter("\"$KELP\" run $FLAGS \"$ROOT\" sh -c 'echo ready >&2; read x; echo got $x' | cat");
  shell.see("ready");
  shell->type("\x1a");
  shell.see("Stopped");
  shell.prompt();
  shell.enter("fg");
  std::this_thread::sleep_for(milliseconds{500});
  shell.enter("it");
  shell.see("got it");
  shell.prompt();
}

TEST_P(Jobs, WithoutATerminalOfTheirOwnStopToo) {
  NEEDS_BASH();
  expect_stop_without_terminal(init());
  expect_stop_without_terminal(init() + " --new-session=false");
}

// On kelp's own terminal, without one of its own.
void expect_stop_in_our_session(const std::string& flags) {
  SCOPED_TRACE(flags);
  Shell shell(flags + " --new-session=false --tty=never");
  shell.enter("k 'echo ready; read x; echo got $x'");
  shell.see("ready");
  shell->type("\x1a");
  shell.see("Stopped");
  shell.prompt();
  shell.enter("fg");
  std::this_thread::sleep_for(milliseconds{300});
  shell.enter("it");
  shell.see("got it");
  shell.prompt();
  // Who reads a terminal from the background is stopped by it: busybox's own `read` waits for input first.
  shell.enter("k 'echo got $(head -n 1)' &");
  shell.prompt();
  for (int i = 0; i < 50 && shell->seen().rfind("Stopped") < shell->seen().rfind("got it"); ++i) {
    std::this_thread::sleep_for(milliseconds{100});
    shell.enter("");
    shell.prompt();
  }
  EXPECT_GT(shell->seen().rfind("Stopped"), shell->seen().rfind("got it")) << shell->seen();
  shell.enter("fg");
  std::this_thread::sleep_for(milliseconds{300});
  shell.enter("it too");
  shell.see("got it too");
  shell.prompt();
}

TEST_P(Jobs, InOurSessionStopToo) {
  NEEDS_BASH();
  expect_stop_in_our_session(init());
}

TEST(JobsWithoutReaper, StopToo) {
  NEEDS_BASH();
  expect_stop_in_our_session("--share=pid");
  expect_stop_without_terminal("--no-init");
  expect_stop_without_terminal("--share=pid");
}

TEST_P(Jobs, OfALeaderWithoutAShellAreNotStoppedForEver) {
  // kelp leads the terminal's session itself: nobody could ever continue it, so Ctrl-Z has no effect.
  PtySession session(
      with_init({kelp_binary(), "run", small_root(), "sh", "-c", "echo ready; read x; echo got $x"}));
  ASSERT_TRUE(session.wait_for("ready"));
  session.type("\x1a");
  std::this_thread::sleep_for(milliseconds{200});
  session.type("it\r");
  EXPECT_TRUE(session.wait_for("got it")) << session.seen();
}

KELP_FOR_EACH_INIT(Jobs);

}  // namespace
}  // namespace kelp::harness
