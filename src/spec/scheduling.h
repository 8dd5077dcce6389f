// SPDX-License-Identifier: Apache-2.0
// What the kernel's schedulers and the out-of-memory killer are told of the command. Numbers are the
// kernel's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/origin.h"

namespace kelp {

// ioprio_set(2).
struct IoPriority {
  int io_class = 0;  // IOPRIO_CLASS_*
  int priority = 0;  // 0 (most) to 7
  Origin origin = {};
  bool operator==(const IoPriority&) const = default;
};

// sched_setattr(2).
struct Scheduler {
  std::uint32_t policy = 0;  // SCHED_*
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t flags = 0;  // SCHED_FLAG_*
  std::uint64_t runtime_ns = 0;
  std::uint64_t deadline_ns = 0;
  std::uint64_t period_ns = 0;
  Origin origin = {};
  bool operator==(const Scheduler&) const = default;
};

// Processors by number, ascending; sched_setaffinity(2).
using CpuSet = std::vector<std::uint32_t>;

// set_mempolicy(2).
struct MemoryPolicy {
  int mode = 0;             // MPOL_*
  std::uint32_t flags = 0;  // MPOL_F_*
  CpuSet nodes = {};        // of memory, by number
  Origin origin = {};
  bool operator==(const MemoryPolicy&) const = default;
};

struct Scheduling {
  std::optional<int> oom_score_adj;  // proc_pid_oom_score_adj(5); -1000 to 1000
  std::optional<IoPriority> io;
  std::optional<Scheduler> scheduler;
  // Of a process that joins a container: before it is in the container's cgroup, and when it is.
  CpuSet initial_cpus;
  CpuSet final_cpus;
  std::optional<std::uint64_t> personality;  // personality(2)
  std::optional<MemoryPolicy> memory;
  Origin oom_origin = {}, initial_cpus_origin = {}, final_cpus_origin = {}, personality_origin = {};
  bool operator==(const Scheduling&) const = default;
};

}  // namespace kelp
