// SPDX-License-Identifier: Apache-2.0
// A container whose command waits for its stdin to end, looked at from outside.
#include "memory.h"

#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <optional>

#include "statistics.h"

namespace kelp::bench {
namespace {

constexpr int kStarts = 5;
constexpr int kPatienceMs = 20000;

std::optional<double> read_peak_mib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  }
  return {};
}

bool is_there(const Guest& guest) {
  pollfd said = {.fd = guest.stdout_fd, .events = POLLIN, .revents = 0};
  char byte = 0;
  return poll(&said, 1, kPatienceMs) == 1 && read(guest.stdout_fd, &byte, 1) == 1;
}

MemoryResult measure_one(const MemoryRow& row, const Contender& contender, const Invocation& invocation) {
  MemoryResult result = {.row = row.name, .name = contender.name, .problem = {}, .peak_mib = 0};
  std::vector<double> peaks;
  for (int i = 0; i < kStarts; ++i) {
    const Guest guest = start_guest(invocation);
    const std::optional<double> peak = is_there(guest) ? read_peak_mib(guest.pid) : std::nullopt;
    const Outcome outcome = end_guest(guest);
    if (!peak || outcome.status != 0) {
      result.problem = outcome.reason();
      return result;
    }
    peaks.push_back(*peak);
  }
  result.peak_mib = median(std::move(peaks));
  return result;
}

}  // namespace

std::vector<MemoryResult> measure_memory(const MemoryRow& row, const Scene& scene, const Programs& programs) {
  std::vector<MemoryResult> results;
  for (const Contender& contender : row.contenders) {
    const Invocation invocation = build_invocation(contender.command, 0, scene, programs);
    if (!invocation.argv.empty()) results.push_back(measure_one(row, contender, invocation));
  }
  return results;
}

}  // namespace kelp::bench
