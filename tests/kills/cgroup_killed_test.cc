// SPDX-License-Identifier: Apache-2.0
// kelp ends while its container has a cgroup: after a signal that can be handled nothing of it is left, after
// SIGKILL nothing of it is left once the next start is through.
#include <csignal>

#include "harness/cgroup.h"
#include "victim.h"

namespace kelp::kills {
namespace {

using harness::milliseconds;
using harness::Outcome;

// What a start is that has a cgroup below one of the test's own.
class Scene {
 public:
  Outcome end_after(microseconds delay, int signal) const {
    const auto begin = Clock::now();
    harness::Running running(victim_.line(), {.timeout = milliseconds{5000}});
    sleep_until(begin + delay);
    running.kill(signal);
    return running.finish();
  }
  microseconds length() const { return victim_.length(); }
  std::vector<std::string> left() const { return cgroup_.inside(); }

 private:
  const harness::OwnCgroup cgroup_{harness::cgroup_mount()};
  const Victim victim_{cgroup_.flags()};
};

#define KELP_KILLS_NEED_CGROUPS()                                                     \
  KELP_ONLY_AS("only root may make a cgroup anywhere", "root");                       \
  KELP_REQUIRE(!harness::cgroup_mount().empty(), "no writable cgroup v2 is mounted"); \
  KELP_REQUIRE(harness::has_small_root(), "busybox-static is not installed")

TEST(Cgroup, OfAKilledKelpGoesWithTheNextStart) {
  KELP_KILLS_NEED_CGROUPS();
  const Scene scene;
  Moments moments;
  moments.set_length(scene.length());
  std::size_t most = 0;
  for (int i = 0; i < 100; ++i) {
    const microseconds delay = moments.next();
    const Outcome outcome = scene.end_after(delay, SIGKILL);
    ASSERT_FALSE(outcome.timed_out) << delay.count() << " us: something still holds the output";
    ASSERT_EQ(harness::descendants(milliseconds{1000}), std::vector<pid_t>{}) << delay.count() << " us";
    most = std::max(most, scene.left().size());
    ASSERT_LE(scene.left().size(), 1U) << delay.count() << " us: the one before has not gone";
    ASSERT_TRUE(outcome.err.empty()) << delay.count() << " us: " << outcome.err;
  }
  EXPECT_EQ(most, 1U) << "none was killed while it had a cgroup";
  scene.end_after(scene.length() * 2, SIGTERM);
  EXPECT_EQ(scene.left(), std::vector<std::string>{});
}

TEST(Cgroup, OfAnInterruptedKelpGoesAtOnce) {
  KELP_KILLS_NEED_CGROUPS();
  const Scene scene;
  Moments moments;
  moments.set_length(scene.length());
  // Those that were killed to find the length have left theirs.
  scene.end_after(scene.length() * 2, SIGTERM);
  for (const int signal : {SIGINT, SIGTERM}) {
    for (int i = 0; i < 30; ++i) {
      const microseconds delay = moments.next();
      const Outcome outcome = scene.end_after(delay, signal);
      ASSERT_FALSE(outcome.timed_out) << delay.count() << " us: kelp or its command does not end";
      ASSERT_EQ(scene.left(), std::vector<std::string>{})
          << delay.count() << " us, signal " << signal << ": " << outcome.err;
    }
  }
}

}  // namespace
}  // namespace kelp::kills
