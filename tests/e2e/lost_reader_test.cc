// SPDX-License-Identifier: Apache-2.0
// Whoever was to read what kelp says is gone, or the file may not grow: the status and the report are the
// same.
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

constexpr int kReport = 9;

// A program with a descriptor whose reader is gone, whatever this process ignores.
RunOptions without_reader(int fd, const std::string& report = "/dev/null") {
  return {.before_exec = [fd, report] {
    ::signal(SIGPIPE, SIG_DFL);
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    ::dup2(ends[1], fd);
    ::close(ends[0]);
    ::dup2(::open(report.c_str(), O_WRONLY | O_CREAT, 0644), kReport);
  }};
}

// One whose stderr is a file that may not grow.
RunOptions with_a_full_file(const std::string& path) {
  return {.before_exec = [path] {
    ::signal(SIGXFSZ, SIG_DFL);
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    ::setrlimit(RLIMIT_FSIZE, &none);
    ::dup2(::open(path.c_str(), O_WRONLY | O_CREAT, 0644), STDERR_FILENO);
  }};
}

TEST(LostReader, OfStderrChangesNeitherTheStatusNorTheReport) {
  const TempDir place;
  const std::string report = place.path() + "/report";
  Outcome outcome = kelp({"run", "--report=9", "--explain", small_root(), "sh", "-c", "exit 6"},
                         without_reader(STDERR_FILENO, report));
  EXPECT_EQ(outcome.status, 6) << testing::PrintToString(outcome);
  EXPECT_EQ(nlohmann::json::parse(read_file(report))["exit"], 6);
  std::filesystem::remove(report);
  outcome = kelp({"run", "--report=9", "/nonexistent", "true"}, without_reader(STDERR_FILENO, report));
  EXPECT_EQ(outcome.status, 125) << testing::PrintToString(outcome);
  EXPECT_EQ(nlohmann::json::parse(read_file(report))["error"]["status"], 125);
  EXPECT_EQ(kelp({"bwrap", "--foo"}, without_reader(STDERR_FILENO)).status, 1);
  EXPECT_EQ(kelp({"nonsense"}, without_reader(STDERR_FILENO)).status, 125);
}

TEST(LostReader, OfAFileThatMayNotGrowIsOneToo) {
  const TempDir place;
  const std::string file = place.path() + "/said";
  EXPECT_EQ(kelp({"run", "/nonexistent", "true"}, with_a_full_file(file)).status, 125);
  // Where kelp-exec executes the command, it has no room under such a limit.
  EXPECT_EQ(
      kelp({"run", "--explain", "--bare", small_root(), "sh", "-c", "exit 6"}, with_a_full_file(file)).status,
      may_write_kelp() ? 125 : 6);
}

TEST(LostReader, OfStdoutHasSeenEnough) {
  const Outcome outcome = kelp({"--help"}, without_reader(STDOUT_FILENO));
  EXPECT_EQ(outcome.status, 128 + SIGPIPE);
  EXPECT_EQ(outcome.err, "");
}

// The command has every signal's default again.
TEST(LostReader, EndsACommandThatWritesToIt) {
  const Argv words = {"sh", "-c", "echo said >&2; exit 6"};
  EXPECT_EQ(run_in(small_root(), {}, words).status, 6);
  Argv line = {"run", small_root()};
  line.insert(line.end(), words.begin(), words.end());
  EXPECT_EQ(kelp(line, without_reader(STDERR_FILENO)).status, 128 + SIGPIPE);
  // And kelp would be ended so too.
  EXPECT_EQ(run(words, without_reader(STDERR_FILENO)).signal, SIGPIPE);
  const TempDir place;
  EXPECT_EQ(run(words, with_a_full_file(place.path() + "/said")).signal, SIGXFSZ);
}

}  // namespace
}  // namespace kelp::harness
