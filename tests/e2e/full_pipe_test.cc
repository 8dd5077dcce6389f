// SPDX-License-Identifier: Apache-2.0
// Who reads what kelp writes may never do so. That keeps the command waiting, but not kelp from ending.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <thread>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int kDescriptor = 9;

// A pipe that takes nothing more until somebody reads.
class FullPipe {
 public:
  explicit FullPipe(bool is_full = true) {
    EXPECT_EQ(::pipe2(ends_, O_CLOEXEC), 0);
    const int size = ::fcntl(ends_[1], F_SETPIPE_SZ, 4096);
    EXPECT_GT(size, 0);
    if (is_full) fill();
  }
  ~FullPipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  FullPipe(const FullPipe&) = delete;
  FullPipe& operator=(const FullPipe&) = delete;

  void fill() const {
    ::fcntl(ends_[1], F_SETFL, O_WRONLY | O_NONBLOCK);
    while (::write(ends_[1], "-", 1) == 1) {
    }
    ::fcntl(ends_[1], F_SETFL, O_WRONLY);
  }
  // What a program has as descriptor `fd`.
  std::function<void()> as(int fd) const {
    return [write_end = ends_[1], fd] { ::dup2(write_end, fd); };
  }
  std::string read_once(std::size_t most) const {
    std::string text(most, '\0');
    pollfd entry{.fd = ends_[0], .events = POLLIN, .revents = 0};
    const ssize_t count = ::poll(&entry, 1, 10'000) != 1 ? 0 : ::read(ends_[0], text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }
  // Fewer where no more come.
  std::string read_bytes(std::size_t count) const {
    std::string text;
    while (text.size() < count) {
      const std::string more = read_once(count - text.size());
      if (more.empty()) break;
      text += more;
    }
    return text;
  }

 private:
  int ends_[2] = {-1, -1};
};

std::string line_of_status(pid_t pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name)) return line;
  }
  return {};
}

// Until kelp has taken the signals over and sleeps, for a moment on end.
bool wait_until_it_waits(pid_t pid) {
  int times = 0;
  for (int i = 0; i < 500 && times < 20; ++i) {
    const bool is_blocked =
        line_of_status(pid, "SigBlk:").find_first_of("123456789abcdef") != std::string::npos;
    times = is_blocked && line_of_status(pid, "State:\tS").starts_with("State") ? times + 1 : 0;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return times == 20;
}

Argv dialect(const std::string& option) {
  return {kelp_binary(),    "bwrap",     option,       std::to_string(kDescriptor),
          "--unshare-user", "--ro-bind", small_root(), "/",
          "echo",           "ran"};
}

TEST(FullPipe, OfTheInfoKeepsTheCommandWaiting) {
  for (const char* option : {"--info-fd", "--json-status-fd"}) {
    const FullPipe pipe;
    Running running(dialect(option), {.timeout = milliseconds{12000}, .before_exec = pipe.as(kDescriptor)});
    EXPECT_TRUE(wait_until_it_waits(running.pid())) << option;
    pipe.read_once(4096);
    const Outcome outcome = running.finish();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "ran\n");
    EXPECT_THAT(pipe.read_once(4096), HasSubstr("child-pid")) << option;
  }
}

TEST(FullPipe, OfTheInfoDoesNotKeepKelpFromEndingByASignal) {
  adopt_orphans();
  for (const char* option : {"--info-fd", "--json-status-fd"}) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      const FullPipe pipe;
      Running running(dialect(option), {.timeout = milliseconds{12000}, .before_exec = pipe.as(kDescriptor)});
      EXPECT_TRUE(wait_until_it_waits(running.pid())) << option;
      running.kill(signal);
      const Outcome outcome = running.finish();
      EXPECT_FALSE(outcome.timed_out) << option << " " << signal;
      EXPECT_THAT(outcome.err, HasSubstr("interrupted by signal " + std::to_string(signal))) << option;
      EXPECT_EQ(outcome.out, "");
      EXPECT_THAT(descendants(), IsEmpty());
    }
  }
}

TEST(FullPipe, OfTheInfoIsNotWaitedForOnceTheContainerIsKilled) {
  for (const char* option : {"--info-fd", "--json-status-fd"}) {
    const FullPipe pipe;
    Running running(dialect(option), {.timeout = milliseconds{12000}, .before_exec = pipe.as(kDescriptor)});
    EXPECT_TRUE(wait_until_it_waits(running.pid())) << option;
    const std::string pid = std::to_string(running.pid());
    std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
    pid_t child = -1;
    ASSERT_TRUE(children >> child);
    EXPECT_EQ(::kill(child, SIGKILL), 0);
    const Outcome outcome = running.finish();
    EXPECT_FALSE(outcome.timed_out) << option;
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr("killed by signal 9 during set-up")) << option;
  }
}

TEST(FullPipe, OfInfoAndErrorsAtOnceDoesNotEither) {
  const FullPipe pipe;
  Running running(dialect("--info-fd"), {.timeout = milliseconds{12000}, .before_exec = [&] {
                                           pipe.as(kDescriptor)();
                                           pipe.as(STDERR_FILENO)();
                                         }});
  EXPECT_TRUE(wait_until_it_waits(running.pid()));
  running.kill(SIGTERM);
  EXPECT_FALSE(running.finish().timed_out);
}

Argv reporting(const Argv& flags, const std::string& script) {
  Argv words = {kelp_binary(), "run", "--report", std::to_string(kDescriptor)};
  words.insert(words.end(), flags.begin(), flags.end());
  words.insert(words.end(), {small_root(), "sh", "-c", script});
  return words;
}

TEST(FullPipe, OfTheReportIsWaitedFor) {
  const FullPipe pipe;
  Running running(reporting({}, "exit 6"),
                  {.timeout = milliseconds{12000}, .before_exec = pipe.as(kDescriptor)});
  EXPECT_TRUE(wait_until_it_waits(running.pid()));
  pipe.read_once(4096);
  const Outcome outcome = running.finish();
  EXPECT_EQ(outcome, (Outcome{.status = 6}));
  EXPECT_THAT(pipe.read_once(4096), HasSubstr("\"exit\":6"));
}

TEST(FullPipe, OfTheReportDoesNotKeepKelpFromEndingByASignal) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const FullPipe pipe;
    Running running(reporting({}, "exit 6"),
                    {.timeout = milliseconds{12000}, .before_exec = pipe.as(kDescriptor)});
    EXPECT_TRUE(wait_until_it_waits(running.pid()));
    running.kill(signal);
    EXPECT_EQ(
        running.finish(),
        (Outcome{.status = 6, .err = "kelp: warning: cannot write the report: interrupted by a signal\n"}));
  }
}

TEST(FullPipe, OfTheReportHoldsNoLongerThanTheTimeout) {
  const FullPipe pipe;
  const RunOptions options = {.timeout = milliseconds{12000}, .before_exec = pipe.as(kDescriptor)};
  const std::string lost = "kelp: warning: cannot write the report: nobody reads\n";
  EXPECT_EQ(run(reporting({kSoon}, "exit 6"), options), (Outcome{.status = 6, .err = lost}));
  EXPECT_EQ(run(reporting({kSoon}, "exec sleep 100"), options), (Outcome{.status = 124, .err = lost}));
}

TEST(FullPipe, OfTheReportHoldsNoLongerThanAMomentAfterASignalForTheCommand) {
  const FullPipe pipe;
  Running running(reporting({}, "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done"),
                  {.timeout = milliseconds{12000}, .before_exec = pipe.as(kDescriptor)});
  EXPECT_TRUE(running.wait_for_output("ready"));
  running.kill(SIGTERM);
  const Outcome outcome = running.finish();
  EXPECT_EQ(outcome.status, 7) << testing::PrintToString(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("cannot write the report: nobody reads"));
}

TEST(FullPipe, OfTheReportIsWaitedForLongAfterAHangUpThatWasNoEnd) {
  const FullPipe pipe;
  Running running(reporting({},
                            "trap 'echo reloaded' HUP; echo ready; n=0;"
                            "while [ $n -lt 60 ]; do sleep 0.05; n=$((n+1)); done; echo over; exit 6"),
                  {.timeout = milliseconds{20000}, .before_exec = pipe.as(kDescriptor)});
  EXPECT_TRUE(running.wait_for_output("ready"));
  running.kill(SIGHUP);
  EXPECT_TRUE(running.wait_for_output("over"));
  std::this_thread::sleep_for(milliseconds(2000));
  pipe.read_once(4096);
  const Outcome outcome = running.finish();
  EXPECT_EQ(outcome.status, 6);
  EXPECT_EQ(outcome.out, "ready\nreloaded\nover\n");
  EXPECT_THAT(outcome.err, Not(HasSubstr("kelp:")));
  EXPECT_THAT(pipe.read_once(4096), HasSubstr("\"exit\":6"));
}

// In one session with kelp the command has got it already.
TEST(FullPipe, OfTheStatusHoldsNoLongerThanAMomentAfterCtrlC) {
  const FullPipe pipe(false);
  Argv words = dialect("--json-status-fd");
  words.resize(words.size() - 2);
  words.insert(words.end(), {"sh", "-c", "echo ready; exec sleep 60"});
  PtySession session(words, {.before_exec = pipe.as(kDescriptor)}, {});
  EXPECT_TRUE(session.wait_for("ready"));
  pipe.fill();
  session.type("\x03");
  const Outcome outcome = session.finish();
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_EQ(outcome.status, 128 + SIGINT);
}

TEST(FullPipe, OfErrorsHoldsNoLongerThanTheTimeout) {
  const FullPipe pipe;
  const Outcome outcome = run({kelp_binary(), "run", kSoon, small_root(), "/no/such"},
                              {.timeout = milliseconds{12000}, .before_exec = pipe.as(STDERR_FILENO)});
  EXPECT_EQ(outcome, (Outcome{.status = 127}));
}

// A start that tells of its mount points when its command runs, to a pipe that had room for the plan only.
class Explained {
 public:
  Explained(const std::string& timeout, const std::string& script) {
    Argv words = {kelp_binary(), "run", "--explain", "--timeout=" + timeout};
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
  Explained endless("1s", "exec sleep 1000");
  EXPECT_EQ(endless.running().finish(), (Outcome{.status = 124}));
  Explained tidy("2s", kTidy);
  EXPECT_EQ(tidy.running().finish(), (Outcome{.status = 124, .out = "ready\nbye\n"}));
}

TEST(FullPipe, OfWhatIsExplainedKeepsNoSignalFromTheCommand) {
  adopt_orphans();
  Explained endless("100s", "echo ready; exec sleep 1000");
  EXPECT_TRUE(endless.running().wait_for_output("ready"));
  endless.running().kill(SIGTERM);
  EXPECT_EQ(endless.running().finish(), (Outcome{.status = 128 + SIGTERM, .out = "ready\n"}));
  Explained tidy("100s", kTidy);
  EXPECT_TRUE(tidy.running().wait_for_output("ready"));
  tidy.running().kill(SIGTERM);
  EXPECT_EQ(tidy.running().finish(), (Outcome{.status = 7, .out = "ready\nbye\n"}));
}

TEST(FullPipe, OfWhatIsExplainedKeepsTheStatusOfTheCommand) {
  adopt_orphans();
  Explained timed("2s", "exit 6");
  EXPECT_EQ(timed.running().finish(), (Outcome{.status = 6}));
  Explained ended("100s", "exit 6");
  EXPECT_TRUE(wait_until_it_waits(ended.running().pid()));
  ended.running().kill(SIGTERM);
  EXPECT_EQ(ended.running().finish(), (Outcome{.status = 6}));
}

TEST(FullPipe, OfWhatIsExplainedGetsTheRestWhenItIsRead) {
  adopt_orphans();
  Explained ended("100s", "exit 6");
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

// Each would else have a second of its own.
TEST(FullPipe, OfAllLastWordsTogetherHoldsForASecond) {
  const FullPipe pipe;
  const auto began = std::chrono::steady_clock::now();
  const Outcome outcome = run({kelp_binary(), "run", "--timeout=1s", "--report", std::to_string(kDescriptor),
                               small_root(), "/no/such"},
                              {.timeout = milliseconds{12000}, .before_exec = [&] {
                                 pipe.as(kDescriptor)();
                                 pipe.as(STDERR_FILENO)();
                               }});
  EXPECT_NE(outcome.status, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds{2500});
}

}  // namespace
}  // namespace kelp::harness
