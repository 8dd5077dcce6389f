// SPDX-License-Identifier: Apache-2.0
// What goes through the container's terminal: large and odd input and output, and a caller's side that does
// not take it. What may not go through: characters that a program pushes into a terminal's input.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "harness/harness.h"

namespace kelp::harness {
namespace {

using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;

TEST(TerminalBytes, OfALargePasteAllArrive) {
  std::string paste;
  for (int i = 0; paste.size() < 100'000; ++i) paste += "line " + std::to_string(i) + " of a paste\r";
  const auto lines = std::count(paste.begin(), paste.end(), '\r');
  const TempDir place;
  const std::string got = place.file("got");
  PtySession session({kelp_binary(), "run", "-v", got + ":/tmp/got", small_root(), "sh", "-c",
                      "stty -echo; echo ready; cat >/tmp/got; echo end"});
  ASSERT_TRUE(session.wait_for("ready"));
  for (std::size_t at = 0; at < paste.size(); at += 1000) session.type(paste.substr(at, 1000));
  session.type("\x04");
  ASSERT_TRUE(session.wait_for("end", milliseconds{20'000}));
  std::replace(paste.begin(), paste.end(), '\r', '\n');
  EXPECT_EQ(read_file(got).size(), paste.size()) << lines << " lines";
  EXPECT_TRUE(read_file(got) == paste);
}

TEST(TerminalBytes, OfALargePasteToASlowReaderAllArrive) {
  std::string paste;
  for (int i = 0; paste.size() < 60'000; ++i) paste += std::to_string(i) + "\n";
  const Outcome outcome = kelp({"run", "-t", small_root(), "sh", "-c", "stty -echo; sleep 1; md5sum"},
                               {.stdin_text = paste, .timeout = milliseconds{20'000}});
  EXPECT_THAT(outcome.out, HasSubstr(run({"md5sum"}, {.stdin_text = paste}).out.substr(0, 32)));
}

TEST(TerminalBytes, OfTenMegabytesOfOutputAllArrive) {
  PtySession session({kelp_binary(), "run", small_root(), "sh", "-c",
                      "stty -opost; yes 0123456789abcde | head -c 10485760; printf end"});
  const Outcome outcome = session.finish(milliseconds{60'000});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out.size(), 10'485'760U + 3);
  EXPECT_THAT(outcome.out.substr(outcome.out.size() - 19), testing::Eq("0123456789abcde\nend"));
}

TEST(TerminalBytes, OfTenMegabytesArriveInAFileToo) {
  const TempDir place;
  const Outcome outcome = run({"sh", "-c",
                               "exec \"$0\" run -t \"$1\" sh -c 'stty -opost; yes 0123456789abcde | "
                               "head -c 10485760' >\"$2\"",
                               kelp_binary(), small_root(), place.path() + "/out"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(read_file(place.path() + "/out").size(), 10'485'760U);
}

TEST(TerminalBytes, OfEveryValuePassBothWays) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  PtySession session({kelp_binary(), "run", small_root(), "sh", "-c",
                      "stty raw -echo; echo ready; head -c 256 | od -An -v -tx1 | tr -d ' \\n'"});
  ASSERT_TRUE(session.wait_for("ready"));
  session.type(all);
  EXPECT_TRUE(session.wait_for("fcfdfeff")) << session.seen();
  EXPECT_THAT(session.seen(), HasSubstr("00010203"));
}

TEST(TerminalBytes, ThatNobodyReadsEndTheCommand) {
  const auto before = steady_clock::now();
  const Outcome outcome =
      run({"sh", "-c", "\"$0\" run -t \"$1\" yes </dev/null | head -n 1", kelp_binary(), small_root()},
          {.timeout = milliseconds{10'000}});
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_EQ(outcome.out, "y\r\n");
  EXPECT_LT(steady_clock::now() - before, milliseconds{8000});
}

TEST(TerminalBytes, ThatNobodyTakesDoNotHoldTheTimeout) {
  const Outcome outcome =
      run({"sh", "-c", "{ \"$0\" run -t --timeout=2 \"$1\" yes </dev/null; echo $? >&2; } | sleep 4",
           kelp_binary(), small_root()},
          {.timeout = milliseconds{20'000}});
  EXPECT_EQ(outcome.err, "124\n");
}

TEST(TerminalBytes, ThatNobodyTakesDoNotHoldSignals) {
  Running running(
      {"sh", "-c",
       "sh -c 'echo $$; exec \"$0\" run -t \"$1\" yes </dev/null' \"$0\" \"$1\" | { read pid; echo pid $pid; "
       "sleep 1; kill $pid; sleep 3; kill -0 $pid 2>/dev/null || echo gone; }",
       kelp_binary(), small_root()},
      {.timeout = milliseconds{15'000}});
  EXPECT_TRUE(running.wait_for_output("gone"));
  (void)running.finish();
}

TEST(TerminalBytes, HeldByCtrlSDoNotHoldKelp) {
  PtySession session({kelp_binary(), "run", "--timeout=1", small_root(), "yes"}, {}, {});
  ASSERT_TRUE(session.wait_for("y"));
  // Nobody reads the terminal for a while; the time is over all the same.
  std::this_thread::sleep_for(milliseconds{1500});
  int status = 0;
  for (int i = 0; i < 100 && waitpid(session.pid(), &status, WNOHANG | WNOWAIT) == 0; ++i) {
    std::this_thread::sleep_for(milliseconds{50});
  }
  EXPECT_EQ(session.finish().status, 124);
}

TEST(TerminalBytes, ThatAreClosedByTheCommandCanBeOpenedAgain) {
  PtySession session({kelp_binary(), "run", small_root(), "sh", "-c",
                      "exec 0<&- 1>&- 2>&-; sleep 0.3; echo again >/dev/tty; exit 4"});
  const Outcome outcome = session.finish();
  EXPECT_EQ(outcome.out, "again\r\n");
  EXPECT_EQ(outcome.status, 4);
}

TEST(Injection, WorksOnATerminalThatIsShared) {
  KELP_ONLY_AS("the filter of the kelp around it forbids it", "user", "noranges", "root");
  // The control: without a container the probe does reach the terminal, where the kernel allows it at all.
  const std::string allowed = run({"cat", "/proc/sys/dev/tty/legacy_tiocsti"}).out;
  KELP_REQUIRE(allowed != "0\n", "dev.tty.legacy_tiocsti is 0: the kernel forbids TIOCSTI by itself");
  PtySession session({"kelp-payload-tiocsti"});
  EXPECT_THAT(session.finish().out, HasSubstr("TIOCSTI 0: done"));
}

TEST(Injection, ReachesNoTerminalOfTheCaller) {
  const TempDir place;
  const std::string root = make_small_root(place);
  place.file("root/bin/tiocsti",
             read_file(run({"sh", "-c", "command -v kelp-payload-tiocsti | tr -d '\\n'"}).out), 0755);
  const std::string redirections[] = {"", "</dev/null", ">/dev/null", "2>/dev/null", "| cat"};
  for (const std::string flags :
       {"--tty=auto", "--tty=never", "--tty=never --no-init", "--tty=never --share=pid"}) {
    for (const std::string& redirection : redirections) {
      if (flags == "--tty=auto" && redirection.empty()) continue;  // its own terminal, below
      PtySession session({"sh", "-c",
                          "\"$0\" run --seccomp=none $2 \"$1\" tiocsti " + redirection + "; echo end",
                          kelp_binary(), root, flags});
      EXPECT_TRUE(session.wait_for("end"));
      EXPECT_THAT(session.seen(), Not(HasSubstr("done"))) << flags << " " << redirection;
    }
  }
}

TEST(Injection, IntoItsOwnTerminalStaysThere) {
  const TempDir place;
  const std::string root = make_small_root(place);
  place.file("root/bin/tiocsti",
             read_file(run({"sh", "-c", "command -v kelp-payload-tiocsti | tr -d '\\n'"}).out), 0755);
  PtySession session({"sh", "-c",
                      "\"$0\" run --seccomp=none \"$1\" tiocsti; echo end; stty -icanon min 0 time 3; cat",
                      kelp_binary(), root});
  const std::string seen = session.finish().out;
  const std::string after = seen.substr(seen.find("end\r\n") + 5);
  EXPECT_EQ(after, "") << "the shell outside got it";
}

}  // namespace
}  // namespace kelp::harness
