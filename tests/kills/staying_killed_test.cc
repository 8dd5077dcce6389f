// SPDX-License-Identifier: Apache-2.0
// `kelp run -d`, and the kelp that holds its container, end by SIGKILL at a random moment: no process is
// left, `ps` says what became of it, and the name is free after `rm`.
#include <sys/wait.h>

#include <csignal>

#include "harness/stay_lock.h"
#include "victim.h"

namespace kelp::kills {
namespace {

using harness::Outcome;

class StayingKilled : public testing::Test {
 protected:
  StayingKilled() { harness::adopt_orphans(); }

  // With the state of this test alone.
  harness::Argv kelp(const harness::Argv& words) const {
    harness::Argv argv = {"env", "XDG_RUNTIME_DIR=" + place.path(), harness::kelp_binary()};
    argv.insert(argv.end(), words.begin(), words.end());
    return argv;
  }
  Outcome call(const harness::Argv& words) const { return harness::run(kelp(words)); }
  harness::Argv line() const {
    return kelp({"run", "-d", "--name", "one", harness::small_root(), "sleep", "1000"});
  }
  microseconds length() const {
    const auto begin = Clock::now();
    EXPECT_EQ(harness::run(line()).out, "one\n");
    const auto length = std::chrono::duration_cast<microseconds>(Clock::now() - begin);
    EXPECT_EQ(call({"rm", "-f", "one"}).status, 0);
    return length;
  }
  // And what that has left to us.
  void end_all_after(microseconds delay) const {
    end_after(line(), delay);
    for (const pid_t left : harness::descendants(harness::milliseconds{0})) ::kill(left, SIGKILL);
    EXPECT_EQ(harness::descendants(), std::vector<pid_t>{}) << "after " << delay.count() << " us";
  }

  harness::StayLock lock;
  harness::TempDir place;
};

TEST_F(StayingKilled, LeavesNothingButARecord) {
  Moments moments;
  moments.set_length(length());
  unsigned lost = 0;
  for (int i = 0; i < 40; ++i) {
    const microseconds delay = moments.next();
    end_all_after(delay);
    const Outcome list = call({"ps"});
    ASSERT_EQ(list.status, 0) << delay.count() << " us: " << list.err;
    lost += list.out.find("lost") != std::string::npos ? 1U : 0U;
    EXPECT_EQ(list.out.find("running"), std::string::npos) << delay.count() << " us: " << list.out;
    const Outcome removed = call({"rm", "-f", "one"});
    ASSERT_EQ(removed.status, 0) << delay.count() << " us: " << removed.err;
    ASSERT_EQ(call({"ps", "-q"}).out, "");
  }
  EXPECT_GT(lost, 0U) << "some were there";
  (void)length();
}

TEST_F(StayingKilled, ByItsCallersEndStaysOrIsNotThere) {
  Moments moments;
  moments.set_length(length());
  unsigned stayed = 0;
  for (int i = 0; i < 20; ++i) {
    const microseconds delay = moments.next();
    end_after(line(), delay);
    stayed += call({"ps"}).out.find("running") != std::string::npos ? 1U : 0U;
    const Outcome removed = call({"rm", "-f", "one"});
    ASSERT_EQ(removed.status, 0) << delay.count() << " us: " << removed.err;
    // One that had not taken its name yet ends, or takes it now.
    (void)harness::descendants(harness::milliseconds{300});
    (void)call({"rm", "-f", "one"});
    ASSERT_EQ(harness::descendants(), std::vector<pid_t>{}) << delay.count() << " us";
    ASSERT_EQ(call({"ps", "-q"}).out, "");
  }
  EXPECT_GT(stayed, 0U) << "it does not end with its caller";
}

}  // namespace
}  // namespace kelp::kills
