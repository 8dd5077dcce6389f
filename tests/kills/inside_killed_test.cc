// SPDX-License-Identifier: Apache-2.0
// Somebody ends a process of the container from outside (the out-of-memory killer does so), at random
// moments: kelp ends too, and says how.
#include <csignal>
#include <fstream>
#include <iostream>

#include "victim.h"

namespace kelp::kills {
namespace {

using harness::milliseconds;
using harness::Outcome;

// The first child of a process; 0: it has none now.
pid_t child_of(pid_t pid) {
  const std::string number = std::to_string(pid);
  std::ifstream children("/proc/" + number + "/task/" + number + "/children");
  pid_t child = 0;
  return children >> child ? child : 0;
}

bool lists_children() { return std::ifstream("/proc/thread-self/children").good(); }

// depth 1: PID 1 of the container, 2: the command.
void kill_inside(int depth, const std::string& init = "--init=auto") {
  KELP_REQUIRE(harness::has_small_root(), "busybox-static is not installed");
  KELP_REQUIRE(lists_children(), "this kernel does not list children (CONFIG_PROC_CHILDREN)");
  Moments moments;
  const Victim victim({"--userns=single", init});
  // The command is there in the last third of a start only: more of the moments lie after its beginning.
  moments.set_length(victim.length() * depth);
  int killed = 0;
  int while_starting = 0;
  for (int i = 0; i < 100; ++i) {
    const microseconds delay = moments.next();
    const auto begin = Clock::now();
    harness::Running running(victim.line(), {.timeout = milliseconds{5000}});
    sleep_until(begin + delay);
    pid_t target = running.pid();
    for (int step = 0; step < depth && target > 0; ++step) target = child_of(target);
    const bool hit = target > 0 && kill(target, SIGKILL) == 0;
    if (!hit) running.kill(SIGTERM);
    const Outcome outcome = running.finish();
    ASSERT_FALSE(outcome.timed_out) << delay.count() << " us: kelp does not notice";
    ASSERT_TRUE(victim.is_gone()) << delay.count() << " us";
    if (!hit) continue;
    ++killed;
    ASSERT_EQ(outcome.signal, 0) << delay.count() << " us";
    if (outcome.status == 125) {
      ++while_starting;
      EXPECT_TRUE(outcome.err.starts_with("kelp: cannot start the container: ")) << outcome.err;
      EXPECT_NE(outcome.err.find("signal 9"), std::string::npos) << outcome.err;
    } else {
      EXPECT_EQ(outcome.status, 137) << delay.count() << " us: " << outcome.err;
      EXPECT_EQ(outcome.err, "") << delay.count() << " us";
    }
  }
  EXPECT_GT(killed, 0);
  std::cout << killed << " killed, of them " << while_starting << " while they were set up\n";
}

TEST(Pid1Killed, EndsKelpWithASentenceOrItsStatus) { kill_inside(1); }

TEST(Pid1Killed, ThatIsTheInitEndsKelpWithASentenceOrItsStatus) { kill_inside(1, "--init=enterable"); }

TEST(CommandKilled, EndsKelpWithASentenceOrItsStatus) { kill_inside(2); }

TEST(CommandKilled, OfTheInitEndsKelpWithASentenceOrItsStatus) { kill_inside(2, "--init=enterable"); }

}  // namespace
}  // namespace kelp::kills
