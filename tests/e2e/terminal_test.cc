// SPDX-License-Identifier: Apache-2.0
// The container's own terminal: when there is one, what it looks like from inside, and that the caller's is
// left as it was. Bytes are terminal_bytes_test.cc's matter, Ctrl-Z that of terminal_jobs_test.cc.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <thread>

#include "harness/harness.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::Not;

bool is_same(const termios& a, const termios& b) {
  return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_cflag == b.c_cflag &&
         a.c_lflag == b.c_lflag && std::memcmp(a.c_cc, b.c_cc, sizeof a.c_cc) == 0;
}

bool is_raw(const PtySession& session) { return (session.settings().c_lflag & (ICANON | ISIG | ECHO)) == 0; }

// A shell that says that it is ready and how the terminal's settings are after kelp.
Argv in_root(const std::string& script, const Argv& flags = {}) {
  Argv argv = {kelp_binary(), "run"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  argv.insert(argv.end(), {small_root(), "sh", "-c", script});
  return argv;
}

// By a shell outside, whose terminal outlives kelp: "before" and "after" are seen between kelp's own output.
class AroundKelp {
 public:
  explicit AroundKelp(const std::string& script, const std::string& flags = "")
      : session_({"sh", "-c",
                  "echo before; read x; (exec sh -c 'echo pid $$; exec \"$0\" run " + flags +
                      " \"$1\" sh -c \"$2\"' \"$0\" \"$1\" \"$2\"); echo after $?; read x",
                  kelp_binary(), small_root(), script}) {
    EXPECT_TRUE(session_.wait_for("before"));
    before_ = session_.settings();
    session_.type("\r");
  }
  PtySession* operator->() { return &session_; }
  pid_t kelp_pid() const {
    const std::size_t at = session_.seen().find("pid ");
    return at == std::string::npos ? -1 : std::stoi(session_.seen().substr(at + 4));
  }
  PtySession& operator*() { return session_; }
  // After "after STATUS".
  void expect_restored(const std::string& status) {
    EXPECT_TRUE(session_.wait_for("after " + status)) << session_.seen();
    EXPECT_TRUE(is_same(before_, session_.settings()));
  }

 private:
  PtySession session_;
  termios before_{};
};

TEST(Terminal, IsOneOfTheContainersOwn) {
  PtySession session(
      in_root("tty; ls /dev/pts; readlink /proc/self/fd/0; test -c /dev/tty && echo tty ok >/dev/tty"));
  const Outcome outcome = session.finish();
  EXPECT_EQ(outcome.out, "/dev/pts/0\r\n0     ptmx\r\n/dev/pts/0\r\ntty ok\r\n");
  EXPECT_EQ(outcome.status, 0);
}

TEST(Terminal, IsTheCommandsControllingOneInTheForeground) {
  // The kernel's view: session, terminal, foreground group (proc_pid_stat(5), fields 5 to 8).
  PtySession session(in_root("cut -d' ' -f5-6,8 /proc/$$/stat"));
  EXPECT_EQ(session.finish().out, "2 1 2\r\n");
  PtySession bare(in_root("cut -d' ' -f5-6,8 /proc/$$/stat", {"--no-init"}));
  EXPECT_EQ(bare.finish().out, "1 1 1\r\n");
}

TEST(Terminal, HasTheSizeOfTheCallers) {
  PtySession session(in_root("stty size"), {}, {.rows = 31, .columns = 117});
  EXPECT_EQ(session.finish().out, "31 117\r\n");
}

TEST(Terminal, TellsTheCommandWhenTheWindowChanges) {
  PtySession session(in_root("trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.02; done"));
  ASSERT_TRUE(session.wait_for("ready"));
  session.resize({.rows = 10, .columns = 33});
  EXPECT_TRUE(session.wait_for("10 33"));
  EXPECT_EQ(session.finish().status, 0);
}

TEST(Terminal, StartsWithTheModesOfTheCallers) {
  PtySession session(
      {"sh", "-c", "stty -echo -onlcr erase x; exec \"$0\" run \"$1\" stty -a", kelp_binary(), small_root()});
  const std::string seen = session.finish().out;
  EXPECT_THAT(seen, HasSubstr(" -echo "));
  EXPECT_THAT(seen, HasSubstr("erase = x;"));
}

TEST(Terminal, PassesCtrlCToTheCommandOnly) {
  PtySession session(
      in_root("trap 'echo interrupted; exit 9' INT; echo ready; while :; do sleep 0.02; done"));
  ASSERT_TRUE(session.wait_for("ready"));
  session.type("\x03");
  EXPECT_TRUE(session.wait_for("interrupted"));
  EXPECT_EQ(session.finish().status, 9);
}

TEST(Terminal, EndsACommandByCtrlC) {
  PtySession session(in_root("echo ready; exec sleep 1000"));
  ASSERT_TRUE(session.wait_for("ready"));
  session.type("\x03");
  EXPECT_EQ(session.finish().status, 128 + SIGINT);
}

TEST(Terminal, EndsTheInputByCtrlD) {
  PtySession session(in_root("echo ready; cat; echo end $?"));
  ASSERT_TRUE(session.wait_for("ready"));
  session.type("one\r\x04");
  EXPECT_TRUE(session.wait_for("end 0"));
}

TEST(Terminal, IsRawOutsideWhileTheCommandRuns) {
  AroundKelp shell("echo ready; read x");
  ASSERT_TRUE(shell->wait_for("ready"));
  EXPECT_TRUE(is_raw(*shell));
  shell->type("\r");
  shell.expect_restored("0");
}

TEST(Terminal, IsRestoredWhenTheCommandFails) { AroundKelp("exit 3").expect_restored("3"); }

TEST(Terminal, IsRestoredWhenThereIsNoCommand) { AroundKelp("exit 1", "-w /no/such").expect_restored("125"); }

TEST(Terminal, IsRestoredWhenTheCommandLeftItRaw) { AroundKelp("stty raw -echo").expect_restored("0"); }

TEST(Terminal, IsRestoredWhenTheCommandIsKilled) { AroundKelp("kill -KILL $$").expect_restored("137"); }

TEST(Terminal, IsRestoredWhenTheTimeIsOver) { AroundKelp("exec sleep 1000", kSoon).expect_restored("124"); }

TEST(Terminal, IsRestoredWhenKelpIsTerminated) {
  for (const int number : {SIGTERM, SIGHUP, SIGINT, SIGABRT, SIGUSR1}) {
    AroundKelp shell("echo ready; exec sleep 1000");
    ASSERT_TRUE(shell->wait_for("ready"));
    EXPECT_TRUE(is_raw(*shell));
    kill(shell.kelp_pid(), number);
    shell.expect_restored(std::to_string(128 + number));
  }
}

TEST(Terminal, IsNoneForAPipeline) {
  PtySession out({"sh", "-c", "\"$0\" run \"$1\" sh -c 'tty; tty <&1; cut -d\" \" -f7 /proc/self/stat' | cat",
                  kelp_binary(), small_root()});
  // The caller's terminal has no name inside, and nothing has it for its controlling terminal.
  EXPECT_THAT(out.finish().out, testing::EndsWith("not a tty\r\n0\r\n"));
  PtySession in({"sh", "-c", "\"$0\" run \"$1\" sh -c 'tty; cut -d\" \" -f7 /proc/self/stat' </dev/null",
                 kelp_binary(), small_root()});
  EXPECT_EQ(in.finish().out, "not a tty\r\n0\r\n");
}

TEST(Terminal, IsNotTouchedForAPipeline) {
  PtySession session({"sh", "-c", "\"$0\" run \"$1\" sh -c 'echo ready >&2; read x; echo got $x' | cat",
                      kelp_binary(), small_root()});
  ASSERT_TRUE(session.wait_for("ready"));
  EXPECT_FALSE(is_raw(session));
  session.type("hello\r");
  EXPECT_TRUE(session.wait_for("got hello"));
}

TEST(Terminal, CtrlCReachesTheCommandOfAPipelineOnce) {
  for (const std::string flags : {"", "--no-init", "--share=pid", "--new-session=false"}) {
    PtySession session({"sh", "-c",
                        "trap : INT; \"$0\" run $2 \"$1\" sh -c 'trap \"echo caught\" INT; echo ready >&2; "
                        "for i in 1 2 3 4 5 6 7 8; do sleep 0.1; done; echo end' | { trap '' INT; cat; }",
                        kelp_binary(), small_root(), flags});
    ASSERT_TRUE(session.wait_for("ready")) << session.seen();
    session.type("\x03");
    const std::string seen = session.finish().out;
    EXPECT_TRUE(seen.find("caught") != std::string::npos && seen.find("caught") == seen.rfind("caught"))
        << flags << ": " << seen;
    EXPECT_THAT(seen, HasSubstr("end"));
  }
}

TEST(Terminal, IsNoneWhereItIsNotWanted) {
  PtySession session(in_root("tty; cut -d' ' -f7 /proc/self/stat", {"--tty=never"}));
  EXPECT_THAT(session.finish().out, Not(HasSubstr("/dev/pts/0")));
}

TEST(Terminal, CanBeHadWithoutOneOutside) {
  const Outcome outcome =
      kelp({"run", "-t", small_root(), "sh", "-c", "tty; read x; echo \"<$x>\"; cat; echo end"},
           {.stdin_text = "one\ntwo\nthree", .timeout = milliseconds{10'000}});
  EXPECT_EQ(outcome.status, 0) << testing::PrintToString(outcome);
  EXPECT_THAT(outcome.out, HasSubstr("/dev/pts/0\r\n"));
  EXPECT_THAT(outcome.out, HasSubstr("<one>\r\n"));
  EXPECT_THAT(outcome.out, testing::EndsWith("end\r\n"));
}

TEST(Terminal, NeedsADevOfTheContainersOwn) {
  EXPECT_EQ(kelp({"run", "-t", "--dev=none", small_root(), "true"}).err,
            "kelp: cannot make a terminal: the container has no /dev of its own\n");
  EXPECT_EQ(kelp({"run", "-t", "--new-session=false", small_root(), "true"}).err,
            "kelp: cannot make a terminal: without a session of its own the container cannot have one\n");
}

}  // namespace
}  // namespace kelp::harness
