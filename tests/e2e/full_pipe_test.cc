// SPDX-License-Identifier: Apache-2.0
// Who reads what kelp writes may never do so. That keeps the command waiting, but not kelp from ending.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <thread>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kDescriptor = 9;

// A pipe that takes nothing more until somebody reads.
class FullPipe {
 public:
  explicit FullPipe(bool is_full = true) {
    EXPECT_EQ(::pipe2(ends_, O_CLOEXEC), 0);
    const int size = ::fcntl(ends_[1], F_SETPIPE_SZ, 4096);
    EXPECT_GT(size, 0);
    if (is_full) {
      const std::string text(static_cast<std::size_t>(size), '-');
      EXPECT_EQ(::write(ends_[1], text.data(), text.size()), size);
    }
  }
  ~FullPipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  FullPipe(const FullPipe&) = delete;
  FullPipe& operator=(const FullPipe&) = delete;

  // What a program has as descriptor `fd`.
  std::function<void()> as(int fd) const {
    return [write_end = ends_[1], fd] { ::dup2(write_end, fd); };
  }
  std::string read_once(std::size_t most) const {
    std::string text(most, '\0');
    const ssize_t count = ::read(ends_[0], text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
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

TEST(FullPipe, OfErrorsHoldsNoLongerThanTheTimeout) {
  const FullPipe pipe;
  const Outcome outcome = run({kelp_binary(), "run", kSoon, small_root(), "/no/such"},
                              {.timeout = milliseconds{12000}, .before_exec = pipe.as(STDERR_FILENO)});
  EXPECT_EQ(outcome, (Outcome{.status = 127}));
}

// A start that tells of its mount points has the command running already.
TEST(FullPipe, OfWhatIsExplainedKeepsNothingFromEnding) {
  adopt_orphans();
  for (const char* timeout : {"100s", "1s"}) {
    const TempDir place;
    const std::string root = make_small_root(place);
    Argv flags = {"--explain", std::string("--timeout=") + timeout};
    for (char letter = 'a'; letter <= 'z'; ++letter)
      flags.insert(flags.end(), {"-v", "/usr:/" + std::string(250, letter)});
    Argv words = {kelp_binary(), "run"};
    words.insert(words.end(), flags.begin(), flags.end());
    words.insert(words.end(), {root, "sleep", "1000"});
    Argv dry = words;
    dry.insert(dry.begin() + 2, "--dry-run");
    const std::size_t plan_bytes = run(dry).out.size();
    ASSERT_GT(plan_bytes, 0U);

    const FullPipe pipe(false);
    Running running(words, {.timeout = milliseconds{12000}, .before_exec = pipe.as(STDERR_FILENO)});
    for (std::size_t left = plan_bytes; left > 0;) {
      const std::size_t count = pipe.read_once(left).size();
      ASSERT_GT(count, 0U);
      left -= count;
    }
    const bool by_signal = std::string_view(timeout) == "100s";
    if (by_signal) {
      EXPECT_TRUE(wait_until_it_waits(running.pid()));
      running.kill(SIGTERM);
    }
    const Outcome outcome = running.finish();
    EXPECT_EQ(outcome.status, by_signal ? 128 + SIGTERM : 124) << testing::PrintToString(outcome);
    EXPECT_THAT(descendants(), IsEmpty());
  }
}

}  // namespace
}  // namespace kelp::harness
