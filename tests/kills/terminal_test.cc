// SPDX-License-Identifier: Apache-2.0
// The caller's terminal after an end that was not kelp's own choice: as it was.
#include <csignal>
#include <cstring>
#include <thread>

#include "victim.h"

namespace kelp::kills {
namespace {

using harness::milliseconds;
using harness::Outcome;
using harness::PtySession;

bool is_raw(const termios& modes) { return (modes.c_lflag & (ICANON | ECHO)) == 0; }

bool is_same(const termios& a, const termios& b) {
  return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_cflag == b.c_cflag &&
         a.c_lflag == b.c_lflag && std::memcmp(a.c_cc, b.c_cc, sizeof a.c_cc) == 0;
}

void wait_for_raw(const PtySession& session) {
  for (int i = 0; i < 500 && !is_raw(session.settings()); ++i) std::this_thread::sleep_for(milliseconds{10});
}

TEST(TerminalOfAKilledStart, IsRestoredAtEveryMoment) {
  KELP_REQUIRE(harness::has_small_root(), "busybox-static is not installed");
  Moments moments;
  const Victim victim({"--userns=single"});
  moments.set_length(victim.length() * 2);
  for (const int signal : {SIGTERM, SIGHUP, SIGINT}) {
    for (int i = 0; i < 25; ++i) {
      const microseconds delay = moments.next();
      const auto begin = Clock::now();
      PtySession session(victim.line());
      const termios before = session.settings();
      sleep_until(begin + delay);
      kill(session.pid(), signal);
      const Outcome outcome = session.finish();
      ASSERT_FALSE(outcome.timed_out) << delay.count() << " us";
      EXPECT_TRUE(is_same(before, session.settings()))
          << "signal " << signal << " at " << delay.count() << " us";
      ASSERT_TRUE(victim.is_gone()) << delay.count() << " us";
    }
  }
}

// The probe of the test above: while the command runs the terminal is raw, so there was something to restore.
TEST(TerminalOfARunningContainer, IsRawUntilItEnds) {
  KELP_REQUIRE(harness::has_small_root(), "busybox-static is not installed");
  const Victim victim({"--userns=single"});
  PtySession session(victim.line());
  const termios before = session.settings();
  ASSERT_FALSE(is_raw(before));
  ASSERT_TRUE(session.wait_for("up"));
  wait_for_raw(session);
  EXPECT_TRUE(is_raw(session.settings()));
  kill(session.pid(), SIGTERM);
  EXPECT_FALSE(session.finish().timed_out);
  EXPECT_TRUE(is_same(before, session.settings()));
}

// SIGKILL leaves nobody who could restore the terminal, but nothing else either.
TEST(KelpKilledOnATerminal, TakesEverythingInsideWithIt) {
  KELP_REQUIRE(harness::has_small_root(), "busybox-static is not installed");
  Moments moments;
  const Victim victim({"--userns=single"});
  moments.set_length(victim.length() * 2);
  for (int i = 0; i < 30; ++i) {
    const microseconds delay = moments.next();
    const auto begin = Clock::now();
    PtySession session(victim.line());
    sleep_until(begin + delay);
    kill(session.pid(), SIGKILL);
    ASSERT_FALSE(session.finish().timed_out) << delay.count() << " us";
    ASSERT_TRUE(victim.is_gone()) << delay.count() << " us";
  }
}

}  // namespace
}  // namespace kelp::kills
