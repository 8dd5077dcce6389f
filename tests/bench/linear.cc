// SPDX-License-Identifier: Apache-2.0
// Counting runs: one under strace -c, one under the allocation counter, for each number of binds.
#include "linear.h"

#include <fstream>
#include <sstream>

#include "interrupt.h"

namespace kelp::bench {
namespace {

struct Counts {
  double calls = 0;
  std::optional<double> bytes;
};

void must_succeed(const Outcome& outcome, const std::string& what) {
  if (outcome.status != 0) throw Failure(what + ": " + outcome.reason());
}

// The last line of `strace -c` is: 100.00 SECONDS USECS/CALL CALLS [ERRORS] total.
double count_calls(Invocation invocation, const Scene& scene) {
  const std::string strace = find_program("strace");
  if (strace.empty()) throw Failure("strace is not installed");
  const std::string report = scene.file("strace");
  Words argv = {strace, "-f", "-c", "-o", report};
  argv.insert(argv.end(), invocation.argv.begin(), invocation.argv.end());
  invocation.argv = std::move(argv);
  must_succeed(run(invocation), "under strace");
  std::ifstream lines(report);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    double percent = 0, seconds = 0, microseconds = 0, calls = 0;
    if (line.ends_with(" total") && words >> percent >> seconds >> microseconds >> calls) return calls;
  }
  throw Failure("cannot read the summary of strace");
}

std::optional<double> count_bytes(Invocation invocation, const Scene& scene, const Programs& programs) {
  if (programs.alloc_counter.empty()) return {};
  struct {
    unsigned long long bytes = 0;
    unsigned long long calls = 0;
  } counts;
  const std::string path = scene.file("counts");
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(&counts), sizeof counts);
  invocation.environment.push_back("LD_PRELOAD=" + programs.alloc_counter);
  invocation.environment.push_back("KELP_BENCH_COUNT=" + path);
  must_succeed(run(invocation), "under the allocation counter");
  std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(&counts), sizeof counts);
  if (counts.calls == 0) return {};
  return static_cast<double>(counts.bytes);
}

LinearResult measure_one(const LinearRow& row, const Contender& contender, const Scene& scene,
                         const Programs& programs) {
  LinearResult result = {.row = row.name, .name = contender.name, .problem = {}, .points = {}};
  const auto count = [&](int binds) {
    const Invocation invocation = build_invocation(contender.command, binds, scene, programs);
    return Counts{.calls = count_calls(invocation, scene), .bytes = count_bytes(invocation, scene, programs)};
  };
  try {
    const Counts without = count(0);
    for (const int binds : kLinearCounts) {
      const Counts with = count(binds);
      LinearPoint point = {
          .binds = binds, .calls_a_mount = (with.calls - without.calls) / binds, .bytes_a_mount = {}};
      if (with.bytes && without.bytes) point.bytes_a_mount = (*with.bytes - *without.bytes) / binds;
      result.points.push_back(point);
    }
  } catch (const Failure& failure) {
    if (interrupting_signal() != 0) throw;
    result.problem = failure.what();
  }
  return result;
}

}  // namespace

std::vector<LinearResult> measure_linear(const LinearRow& row, const Scene& scene, const Programs& programs) {
  std::vector<LinearResult> results;
  for (const Contender& contender : row.contenders) {
    if (!programs.path_of(contender.name).empty())
      results.push_back(measure_one(row, contender, scene, programs));
  }
  return results;
}

std::optional<double> call_growth(const LinearResult& result) {
  if (!result.problem.empty() || result.points.empty()) return {};
  return result.points.back().calls_a_mount / result.points.front().calls_a_mount;
}

std::optional<double> byte_growth(const LinearResult& result) {
  if (!result.problem.empty() || result.points.empty() || !result.points.front().bytes_a_mount ||
      !result.points.back().bytes_a_mount)
    return {};
  return *result.points.back().bytes_a_mount / *result.points.front().bytes_a_mount;
}

}  // namespace kelp::bench
