// SPDX-License-Identifier: Apache-2.0
// What a container as a whole may use: limits by a control group (cgroups(7)). Those of each process are in
// limits.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "spec/limits.h"
#include "spec/origin.h"

namespace kelp {

// CPU time is given out in periods of this many microseconds.
inline constexpr std::uint64_t kCpuPeriodUs = 100'000;

struct Limit {
  std::uint64_t value = 0;
  Origin origin = {};
  bool operator==(const Limit&) const = default;
};

// What to do where no cgroup can be had.
enum class LimitsMode {
  kStrict,      // refuse
  kBestEffort,  // limit each process (setrlimit(2)) as far as that goes, and tell the rest
};

struct Resources {
  std::optional<Limit> memory;       // bytes
  std::optional<Limit> memory_swap;  // bytes of memory and swap together, or kUnlimited
  std::optional<Limit> cpus;         // microseconds of CPU time a period
  std::optional<Limit> cpu_weight;   // 1 … 10000; others have 100
  std::optional<Limit> pids;
  std::optional<Limit> io_weight;  // as cpu_weight
  // A cgroup to make the container's in ("/a/b", as /proc/PID/cgroup shows it, or its directory), or the name
  // of a slice of systemd's ("x.slice"); empty: where kelp finds a place.
  std::string parent;
  Origin parent_origin;
  LimitsMode mode = LimitsMode::kStrict;

  bool wants_cgroup() const {
    return memory || memory_swap || cpus || cpu_weight || pids || io_weight || !parent.empty();
  }
  bool operator==(const Resources&) const = default;
};

}  // namespace kelp
