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

  Outcome call(harness::Argv words) const {
    words.insert(words.begin(), harness::kelp_binary());
    return harness::run(words, {.env = environment});
  }
  harness::Argv line() const {
    return {harness::kelp_binary(), "run", "-d", "--name", "one", harness::small_root(), "sleep", "1000"};
  }
  microseconds length() const {
    const auto begin = Clock::now();
    EXPECT_EQ(harness::run(line(), {.env = environment}).out, "one\n");
    const auto length = std::chrono::duration_cast<microseconds>(Clock::now() - begin);
    EXPECT_EQ(call({"rm", "-f", "one"}).status, 0);
    return length;
  }
  // The caller, and in `all` whatever it has left to us.
  void end_after(microseconds delay, bool all) const {
    const auto begin = Clock::now();
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::setenv("XDG_RUNTIME_DIR", place.path().c_str(), 1);
      const harness::Argv words = line();
      std::vector<char*> argv;
      for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
      argv.push_back(nullptr);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    sleep_until(begin + delay);
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    if (!all) return;
    for (const pid_t left : harness::descendants(harness::milliseconds{0})) ::kill(left, SIGKILL);
    EXPECT_EQ(harness::descendants(), std::vector<pid_t>{}) << "after " << delay.count() << " us";
  }

  harness::StayLock lock;
  harness::TempDir place;
  std::vector<std::string> environment = {"XDG_RUNTIME_DIR=" + place.path()};
};

TEST_F(StayingKilled, LeavesNothingButARecord) {
  Moments moments;
  moments.set_length(length());
  unsigned lost = 0;
  for (int i = 0; i < 40; ++i) {
    const microseconds delay = moments.next();
    end_after(delay, true);
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
  for (int i = 0; i < 20; ++i) {
    const microseconds delay = moments.next();
    end_after(delay, false);
    const Outcome removed = call({"rm", "-f", "one"});
    ASSERT_EQ(removed.status, 0) << delay.count() << " us: " << removed.err;
    // One that had not taken its name yet ends, or takes it now.
    (void)harness::descendants(harness::milliseconds{300});
    (void)call({"rm", "-f", "one"});
    ASSERT_EQ(harness::descendants(), std::vector<pid_t>{}) << delay.count() << " us";
    ASSERT_EQ(call({"ps", "-q"}).out, "");
  }
}

}  // namespace
}  // namespace kelp::kills
