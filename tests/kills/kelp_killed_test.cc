// SPDX-License-Identifier: Apache-2.0
// kelp itself is ended, at random moments of a start: invariant 8, and "everything inside dies with kelp".
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>

#include "victim.h"

namespace kelp::kills {
namespace {

namespace fs = std::filesystem;
using harness::milliseconds;
using harness::Outcome;

constexpr milliseconds kPatience{5000};

// Starts it, sends the signal to kelp after the time, and gives what became of kelp.
Outcome end_after(const Victim& victim, microseconds delay, int signal) {
  const auto begin = Clock::now();
  harness::Running running(victim.line(), {.timeout = kPatience});
  sleep_until(begin + delay);
  running.kill(signal);
  return running.finish();
}

void kill_at_random_moments(const harness::Argv& options, int times) {
  KELP_REQUIRE(harness::has_small_root(), "busybox-static is not installed");
  Moments moments;
  const Victim victim(options);
  moments.set_length(victim.length());
  int running = 0;
  for (int i = 0; i < times; ++i) {
    const microseconds delay = moments.next();
    const Outcome outcome = end_after(victim, delay, SIGKILL);
    running += outcome.out == "up\n" ? 1 : 0;
    ASSERT_FALSE(outcome.timed_out) << delay.count() << " us: something still holds the output";
    ASSERT_EQ(outcome.signal, SIGKILL) << delay.count() << " us";
    ASSERT_TRUE(victim.is_gone()) << delay.count() << " us";
  }
  // The moments lie before and after the command's beginning.
  EXPECT_GT(running, 0);
  EXPECT_LT(running, times);
}

TEST(KelpKilled, LeavesNothingWithOneId) { kill_at_random_moments({"--userns=single"}, 200); }

// newuidmap and newgidmap, which are root, may be at work.
TEST(KelpKilled, LeavesNothingWithTheDefaultIds) { kill_at_random_moments({}, 200); }

TEST(KelpKilled, LeavesNothingWithAnOverlay) { kill_at_random_moments({"--userns=single", "--overlay"}, 50); }

TEST(KelpKilled, LeavesNothingWithAnEnterableInit) {
  kill_at_random_moments({"--userns=single", "--init=enterable"}, 100);
}

TEST(KelpKilled, LeavesNothingWithoutReaper) { kill_at_random_moments({"--userns=single", "--no-init"}, 50); }

// The program that connects the network runs outside, in no namespace that would end it.
TEST(KelpKilled, LeavesNoHelperOfTheNetwork) {
  KELP_ONLY_AS("a container has no /dev/net/tun", "user", "noranges", "root");
  KELP_REQUIRE(access("/dev/net/tun", R_OK | W_OK) == 0, "/dev/net/tun is missing or may not be opened");
  for (const std::string name : {"pasta", "slirp4netns"}) {
    KELP_REQUIRE(harness::has_program(name), name + " is not installed");
    kill_at_random_moments({"--userns=single", "--network=" + name}, 30);
    // Where its root inside is another id than its caller's.
    if (harness::identity() == "user") kill_at_random_moments({"--userns=keep-id", "--network=" + name}, 20);
  }
}

// What a start makes in a root on purpose is whole at every moment: an empty directory or file.
TEST(KelpKilled, LeavesAtMostEmptyMountPointsInTheRoot) {
  KELP_REQUIRE(harness::has_small_root(), "busybox-static is not installed");
  static const std::set<std::string> kMayBeMade = {"dev", "proc", "sys", "x", "mnt"};
  Moments moments;
  const Victim victim({"--userns=single"}, Victim::MountPoints::kMissing);
  std::set<std::string> before;
  for (const auto& entry : fs::directory_iterator(victim.root())) before.insert(entry.path().filename());
  moments.set_length(victim.length());
  for (int i = 0; i < 50; ++i) {
    const microseconds delay = moments.next();
    end_after(victim, delay, SIGKILL);
    ASSERT_EQ(harness::descendants(milliseconds{1000}), std::vector<pid_t>{});
    std::vector<fs::path> made;
    for (const auto& entry : fs::directory_iterator(victim.root()))
      if (!before.contains(entry.path().filename())) made.push_back(entry.path());
    for (const fs::path& path : made) {
      EXPECT_TRUE(kMayBeMade.contains(path.filename())) << path;
      EXPECT_TRUE(fs::is_empty(path)) << path << " at " << delay.count() << " us";
      fs::remove(path);  // for the next one to make again
    }
  }
}

// A signal that can be handled: kelp has died of it at once, or says that it was interrupted, or has passed
// it on to the command, which died of it. The status tells the signal each time.
void end_at_random_moments(int signal) {
  KELP_REQUIRE(harness::has_small_root(), "busybox-static is not installed");
  Moments moments;
  const Victim victim({});
  moments.set_length(victim.length());
  const std::string said =
      "kelp: cannot start the container: interrupted by signal " + std::to_string(signal) + "\n";
  for (int i = 0; i < 100; ++i) {
    const microseconds delay = moments.next();
    const Outcome outcome = end_after(victim, delay, signal);
    ASSERT_FALSE(outcome.timed_out) << delay.count() << " us: kelp or its command does not end";
    if (outcome.signal != 0) {
      EXPECT_EQ(outcome.signal, signal) << delay.count() << " us";
      EXPECT_EQ(outcome.err, "") << delay.count() << " us";
    } else {
      EXPECT_EQ(outcome.status, 128 + signal) << delay.count() << " us: " << outcome.err;
      EXPECT_TRUE(outcome.err.empty() || outcome.err == said) << delay.count() << " us: " << outcome.err;
    }
    ASSERT_TRUE(victim.is_gone()) << delay.count() << " us";
  }
}

TEST(KelpTerminated, EndsTheStartOrTheCommand) { end_at_random_moments(SIGTERM); }

TEST(KelpInterrupted, EndsTheStartOrTheCommand) { end_at_random_moments(SIGINT); }

TEST(KelpHungUp, EndsTheStartOrTheCommand) { end_at_random_moments(SIGHUP); }

}  // namespace
}  // namespace kelp::kills
