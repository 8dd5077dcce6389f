// SPDX-License-Identifier: Apache-2.0
// kelp ends while its throw-away layer lies on disk: after a signal that can be handled nothing of it is
// left, after SIGKILL nothing of it is left once the next start is through.
#include <csignal>
#include <filesystem>

#include "harness/without_memfd.h"
#include "victim.h"

namespace kelp::kills {
namespace {

namespace fs = std::filesystem;
using harness::milliseconds;
using harness::Outcome;

class LayerOnDisk : public testing::Test {
 protected:
  static harness::RunOptions options() {
    harness::RunOptions options{.timeout = milliseconds{5000}};
    options.before_exec = harness::refuse_memfd;
    return options;
  }
  // The victim gives its kelp an XDG_DATA_HOME of its own.
  std::string layers() const { return victim_.place() + "/own/XDG_DATA_HOME/kelp/layers"; }
  std::size_t count() const {
    std::size_t count = 0;
    std::error_code failed;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(layers(), failed)) ++count;
    return count;
  }
  // Starts it, sends the signal after the time, and gives what became of kelp.
  Outcome end_after(microseconds delay, int signal) const {
    const auto begin = Clock::now();
    harness::Running running(victim_.line(), options());
    sleep_until(begin + delay);
    running.kill(signal);
    return running.finish();
  }
  // Half of them before the command runs.
  microseconds length() const {
    const auto begin = Clock::now();
    harness::Running running(victim_.line(), options());
    EXPECT_TRUE(running.wait_for_output("up"));
    const auto length = std::chrono::duration_cast<microseconds>(Clock::now() - begin);
    running.kill(SIGTERM);
    running.finish();
    return length;
  }

  const Victim victim_{{"--overlay"}};
};

TEST_F(LayerOnDisk, OfAKilledKelpGoesWithTheNextStart) {
  Moments moments;
  moments.set_length(length());
  std::size_t most = 0;
  for (int i = 0; i < 60; ++i) {
    const microseconds delay = moments.next();
    const Outcome outcome = end_after(delay, SIGKILL);
    ASSERT_FALSE(outcome.timed_out) << delay.count() << " us: something still holds the output";
    ASSERT_EQ(harness::descendants(milliseconds{1000}), std::vector<pid_t>{}) << delay.count() << " us";
    most = std::max(most, count());
    ASSERT_LE(count(), 1U) << delay.count() << " us: the one before has not gone";
  }
  EXPECT_EQ(most, 1U);
  end_after(length() * 2, SIGTERM);
  EXPECT_EQ(count(), 0U);
}

TEST_F(LayerOnDisk, OfAnInterruptedKelpGoesAtOnce) {
  Moments moments;
  moments.set_length(length());
  for (const int signal : {SIGINT, SIGTERM}) {
    for (int i = 0; i < 30; ++i) {
      const microseconds delay = moments.next();
      const Outcome outcome = end_after(delay, signal);
      ASSERT_FALSE(outcome.timed_out) << delay.count() << " us: kelp or its command does not end";
      ASSERT_EQ(count(), 0U) << delay.count() << " us, signal " << signal << ": " << outcome.err;
    }
  }
}

}  // namespace
}  // namespace kelp::kills
