// SPDX-License-Identifier: Apache-2.0
// Who reads what --explain tells may never do so: that keeps nothing from the command.
#include <chrono>
#include <csignal>
#include <optional>

#include "e2e/full_pipe.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// A start that tells of its mount points when its command runs, to a pipe that had room for the plan only.
class Explained {
 public:
  Explained(milliseconds timeout, const std::string& script) {
    Argv words = {kelp_binary(), "run", "--explain", timeout_of(timeout)};
    for (char letter = 'a'; letter <= 'z'; ++letter)
      words.insert(words.end(), {"-v", "/usr:/" + std::string(250, letter)});
    words.insert(words.end(), {make_small_root(place_), "sh", "-c", script});
    Argv dry = words;
    dry.insert(dry.begin() + 2, "--dry-run");
    const std::size_t plan_bytes = run(dry).out.size();
    EXPECT_GT(plan_bytes, 0U);
    running_.emplace(words,
                     RunOptions{.timeout = milliseconds{20000}, .before_exec = pipe_.as(STDERR_FILENO)});
    EXPECT_EQ(pipe_.read_bytes(plan_bytes).size(), plan_bytes);
  }
  ~Explained() { EXPECT_THAT(descendants(), IsEmpty()); }
  Explained(const Explained&) = delete;
  Explained& operator=(const Explained&) = delete;

  Running& running() { return *running_; }
  const FullPipe& pipe() const { return pipe_; }

 private:
  TempDir place_;
  FullPipe pipe_{false};
  std::optional<Running> running_;
};

constexpr const char* kTidy = "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done";

TEST(FullPipe, OfWhatIsExplainedKeepsNothingFromTheTimeout) {
  adopt_orphans();
  Explained endless(milliseconds{1000}, "exec sleep 1000");
  EXPECT_EQ(endless.running().finish(), (Outcome{.status = 124}));
  Explained tidy(milliseconds{2000}, kTidy);
  EXPECT_EQ(tidy.running().finish(), (Outcome{.status = 124, .out = "ready\nbye\n"}));
}

TEST(FullPipe, OfWhatIsExplainedKeepsNoSignalFromTheCommand) {
  adopt_orphans();
  Explained endless(milliseconds{100000}, "echo ready; exec sleep 1000");
  EXPECT_TRUE(endless.running().wait_for_output("ready"));
  endless.running().kill(SIGTERM);
  EXPECT_EQ(endless.running().finish(), (Outcome{.status = 128 + SIGTERM, .out = "ready\n"}));
  Explained tidy(milliseconds{100000}, kTidy);
  EXPECT_TRUE(tidy.running().wait_for_output("ready"));
  tidy.running().kill(SIGTERM);
  EXPECT_EQ(tidy.running().finish(), (Outcome{.status = 7, .out = "ready\nbye\n"}));
}

TEST(FullPipe, OfWhatIsExplainedKeepsTheStatusOfTheCommand) {
  adopt_orphans();
  Explained timed(milliseconds{2000}, "exit 6");
  EXPECT_EQ(timed.running().finish(), (Outcome{.status = 6}));
  Explained ended(milliseconds{100000}, "exit 6");
  EXPECT_TRUE(wait_until_it_waits(ended.running().pid()));
  ended.running().kill(SIGTERM);
  EXPECT_EQ(ended.running().finish(), (Outcome{.status = 6}));
}

TEST(FullPipe, OfWhatIsExplainedGetsTheRestWhenItIsRead) {
  adopt_orphans();
  Explained ended(milliseconds{100000}, "exit 6");
  EXPECT_TRUE(wait_until_it_waits(ended.running().pid()));
  const auto line = [](char letter) {
    return "made the mount point /" + std::string(250, letter) + " in the root\n";
  };
  std::string text;
  for (std::string more = "-"; !more.empty() && !text.ends_with(line('z'));)
    text += more = ended.pipe().read_once(4096);
  for (char letter = 'a'; letter <= 'z'; ++letter) EXPECT_THAT(text, HasSubstr(line(letter)));
  EXPECT_EQ(ended.running().finish(), (Outcome{.status = 6}));
}

TEST(FullPipe, OfThePlanHoldsNoLongerThanTheTimeout) {
  const FullPipe pipe;
  const FullPipe report(false);
  const Outcome outcome = run({kelp_binary(), "run", "--explain", kSoon, "--report",
                               std::to_string(kDescriptor), small_root(), "echo", "ran"},
                              {.timeout = milliseconds{12000}, .before_exec = [&] {
                                 pipe.as(STDERR_FILENO)();
                                 report.as(kDescriptor)();
                               }});
  EXPECT_EQ(outcome, (Outcome{.status = 124}));
  EXPECT_THAT(report.read_once(4096), HasSubstr("the time is over (--timeout)"));
}

TEST(FullPipe, ThatDoesNotWaitGetsThePlanAsAWhole) {
  const FullPipe pipe(false);
  Argv words = {kelp_binary(), "run", "--explain"};
  for (char letter = 'a'; letter <= 'z'; ++letter)
    words.insert(words.end(), {"-v", small_root() + ":/" + std::string(250, letter)});
  words.insert(words.end(), {"-v", small_root() + "/bin:/bin", "empty", "/bin/true"});
  Argv dry = words;
  dry.insert(dry.begin() + 2, "--dry-run");
  const std::string plan = run(dry).out;
  ASSERT_GT(plan.size(), 4096U);
  Running running(words, {.timeout = milliseconds{12000}, .before_exec = [&] {
                            pipe.as(STDERR_FILENO)();
                            ::fcntl(STDERR_FILENO, F_SETFL, O_WRONLY | O_NONBLOCK);
                          }});
  std::this_thread::sleep_for(milliseconds(300));
  EXPECT_EQ(pipe.read_bytes(plan.size()), plan);
  EXPECT_EQ(running.finish(), (Outcome{.status = 0}));
}

}  // namespace
}  // namespace kelp::harness
