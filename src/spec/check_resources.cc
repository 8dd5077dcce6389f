// SPDX-License-Identifier: Apache-2.0
// What check() asks of the limits of a container.
#include <algorithm>
#include <optional>

#include "base/text.h"
#include "spec/check_parts.h"

namespace kelp {
namespace {

constexpr std::uint64_t kLeastCpuUs = 1000;  // what cpu.max takes (cgroup v2, "cpu.max")
constexpr std::uint64_t kMostWeight = 10'000;
constexpr std::uint64_t kMostBytes = INT64_MAX;

void check_range(const std::optional<Limit>& limit, std::uint64_t least, std::uint64_t most,
                 std::string_view range, std::vector<Error>& problems) {
  if (!limit || (limit->value >= least && limit->value <= most)) return;
  problems.emplace_back(using_of(limit->origin, "set a limit"), std::string(range));
}

void check_memory(const Resources& resources, std::vector<Error>& problems) {
  check_range(resources.memory, 1, kMostBytes, "it is not between 1 byte and 8 exbibytes", problems);
  const std::optional<Limit>& swap = resources.memory_swap;
  if (!swap) return;
  const std::string action = using_of(swap->origin, "limit the swap");
  if (!resources.memory) {
    problems.emplace_back(action, "it counts memory and swap together, so it needs --memory too");
  } else if (swap->value < resources.memory->value) {
    problems.emplace_back(action, "it counts memory and swap together, and is less than the memory alone");
  } else if (swap->value != kUnlimited && swap->value > kMostBytes) {
    problems.emplace_back(action, "it is more than 8 exbibytes");
  }
}

void check_parent(const Resources& resources, std::vector<Error>& problems) {
  const std::string& parent = resources.parent;
  if (parent.empty()) return;
  const std::string action = using_of(resources.parent_origin, "choose a parent cgroup");
  const bool is_slice = parent.ends_with(".slice") && parent.find('/') == std::string::npos;
  if (has_zero_byte(parent)) problems.emplace_back(action, "there is a zero byte in it");
  if (!is_slice && !parent.starts_with('/')) {
    problems.push_back(Error(action, "it is neither an absolute path nor the name of a slice")
                           .with_hint("/a/b as /proc/self/cgroup shows it, or NAME.slice of your systemd"));
  }
  const std::vector<std::string_view> parts = split(parent, '/');
  if (std::find(parts.begin(), parts.end(), "..") != parts.end()) {
    problems.emplace_back(action, "there is a .. in it");
  }
}

}  // namespace

std::vector<Error> problems_of_resources(const Spec& spec) {
  const Resources& resources = spec.resources;
  std::vector<Error> problems;
  check_memory(resources, problems);
  check_range(resources.cpus, kLeastCpuUs, kCpuPeriodUs * 1'000'000,
              "it is not between 0.01 and 1000000 CPUs", problems);
  for (const std::optional<Limit>* weight : {&resources.cpu_weight, &resources.io_weight}) {
    check_range(*weight, 1, kMostWeight, "a weight is a number between 1 and 10000 (others have 100)",
                problems);
  }
  // PID 1 of kelp's own is one of them, and the command another.
  const bool has_reaper = spec.command.pid1 != Pid1::kCommand;
  check_range(resources.pids, has_reaper ? 2 : 1, INT32_MAX,
              has_reaper ? "it is not between 2 (kelp's own PID 1 is one of them) and 2147483647"
                         : "it is not between 1 and 2147483647",
              problems);
  check_parent(resources, problems);
  return problems;
}

}  // namespace kelp
