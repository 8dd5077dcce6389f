// SPDX-License-Identifier: Apache-2.0
// resources.memory and resources.cpu.
#include <algorithm>

#include "base/text.h"
#include "oci/numbers.h"
#include "oci/resource_files.h"

namespace kelp::oci {
namespace {

constexpr std::int64_t kMostBytes = INT64_MAX;
constexpr std::uint64_t kMostSwappiness = 100;
constexpr std::uint64_t kLeastShares = 2, kMostShares = 262'144;
constexpr std::uint64_t kMostWeight = 10'000;
constexpr std::uint64_t kUsualPeriod = 100'000;

std::string bytes_or_max(std::int64_t bytes) { return bytes < 0 ? "max" : std::to_string(bytes); }

// A value of -1 is no limit, and 0 none asked for: so all engines write it.
std::int64_t bytes(const Section& memory, const char* key) {
  return memory.integer(key, -1, kMostBytes).value_or(0);
}

// Version 1 counts memory and swap together, version 2 the swap alone.
void read_swap(const Section& memory, std::int64_t limit, CgroupSettings& into) {
  std::int64_t both = bytes(memory, "swap");
  // Without a limit of memory, one of both would have been none in version 1.
  if (both == 0 && limit == -1) both = -1;
  if (both == 0) return;
  if (both > 0 && limit <= 0)
    return memory.refuse("swap", "it counts memory too, and there is no limit of that");
  if (both > 0 && both < limit)
    return memory.refuse("swap", cat(both, " is less than the limit of memory, which it contains"));
  add_file(into, memory, "swap",
           {.file = "memory.swap.max", .value = bytes_or_max(both < 0 ? both : both - limit)});
}

// As runc and crun have it: 2 … 262144 shares on a line to a weight of 1 … 10000.
std::uint64_t weight_of_shares(std::uint64_t shares) {
  const std::uint64_t within = std::clamp(shares, kLeastShares, kMostShares);
  return 1 + (within - kLeastShares) * (kMostWeight - 1) / (kMostShares - kLeastShares);
}

void read_bandwidth(const Section& cpu, CgroupSettings& into) {
  const std::int64_t quota = cpu.integer("quota", -1, INT64_MAX).value_or(0);
  const std::uint64_t period = cpu.number("period", UINT64_MAX).value_or(0);
  const std::uint64_t burst = cpu.number("burst", UINT64_MAX).value_or(0);
  if (quota > 0 && burst > static_cast<std::uint64_t>(quota))
    cpu.refuse("burst", cat(burst, " is more than the quota"));
  if (quota != 0 || period != 0) {
    add_file(
        into, cpu, quota != 0 ? "quota" : "period",
        {.file = "cpu.max",
         .value = cat(quota > 0 ? std::to_string(quota) : "max", " ", period != 0 ? period : kUsualPeriod)});
  }
  if (burst != 0) add_file(into, cpu, "burst", {.file = "cpu.max.burst", .value = std::to_string(burst)});
}

void read_set(const Section& cpu, const char* key, std::uint32_t most, CgroupSettings& into) {
  const std::string list = cpu.text(key).value_or("");
  if (list.empty()) return;
  if (!read_numbers(list, most)) return cpu.refuse(key, cat("'", list, "' is no list of numbers"));
  add_file(into, cpu, key, {.file = cat("cpuset.", key), .value = list});
}

}  // namespace

void read_memory(const Section& resources, CgroupSettings& into) {
  const Section memory = resources.object("memory");
  if (!memory) return;
  const std::int64_t limit = bytes(memory, "limit");
  const std::int64_t reservation = bytes(memory, "reservation");
  if (limit != 0) add_file(into, memory, "limit", {.file = "memory.max", .value = bytes_or_max(limit)});
  read_swap(memory, limit, into);
  if (reservation != 0)
    add_file(into, memory, "reservation", {.file = "memory.low", .value = bytes_or_max(reservation)});
  for (const char* key : {"kernel", "kernelTCP"}) {
    if (bytes(memory, key) > 0) memory.refuse(key, "cgroup version 2 has no such limit");
  }
  if (memory.number("swappiness", kMostSwappiness))
    memory.refuse("swappiness", "cgroup version 2 has no such setting");
  if (memory.flag("disableOOMKiller").value_or(false))
    memory.refuse("disableOOMKiller", "cgroup version 2 cannot switch it off");
  // Of the type that they must have; version 2 is always hierarchical, and a new cgroup uses nothing yet.
  (void)memory.flag("useHierarchy");
  (void)memory.flag("checkBeforeUpdate");
}

void read_cpu(const Section& resources, CgroupSettings& into) {
  const Section cpu = resources.object("cpu");
  if (!cpu) return;
  const std::uint64_t shares = cpu.number("shares", UINT64_MAX).value_or(0);
  const auto idle = cpu.integer("idle", 0, 1);
  // Where only what is left over is asked for, the kernel takes no weight.
  if (idle) add_file(into, cpu, "idle", {.file = "cpu.idle", .value = std::to_string(*idle)});
  if (shares != 0 && idle != 1)
    add_file(into, cpu, "shares", {.file = "cpu.weight", .value = std::to_string(weight_of_shares(shares))});
  read_bandwidth(cpu, into);
  if (cpu.integer("realtimeRuntime", INT64_MIN, INT64_MAX).value_or(0) != 0)
    cpu.refuse("realtimeRuntime", "cgroup version 2 has no such limit");
  if (cpu.number("realtimePeriod", UINT64_MAX).value_or(0) != 0)
    cpu.refuse("realtimePeriod", "cgroup version 2 has no such limit");
  read_set(cpu, "cpus", kMostCpu, into);
  read_set(cpu, "mems", kMostNode, into);
}

}  // namespace kelp::oci
