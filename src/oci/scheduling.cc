// SPDX-License-Identifier: Apache-2.0
// What process says of the kernel's schedulers and of the out-of-memory killer (config.md, "Linux Process").
#include <linux/ioprio.h>
#include <linux/sched.h>

#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "oci/numbers.h"
#include "oci/process.h"

namespace kelp::oci {
namespace {

using Names = std::pair<std::string_view, std::uint32_t>;

// What the kernel's headers may not have yet, or never had (SCHED_ISO is a number without a scheduler).
constexpr auto kPolicies = std::to_array<Names>({
    {"SCHED_OTHER", SCHED_NORMAL},
    {"SCHED_FIFO", SCHED_FIFO},
    {"SCHED_RR", SCHED_RR},
    {"SCHED_BATCH", SCHED_BATCH},
    {"SCHED_IDLE", SCHED_IDLE},
    {"SCHED_DEADLINE", SCHED_DEADLINE},
});
constexpr auto kSchedulerFlags = std::to_array<Names>({
    {"SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK},
    {"SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM},
    {"SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN},
    {"SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY},
    {"SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS},
    {"SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN},
    {"SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX},
});
constexpr auto kIoClasses = std::to_array<Names>({
    {"IOPRIO_CLASS_RT", IOPRIO_CLASS_RT},
    {"IOPRIO_CLASS_BE", IOPRIO_CLASS_BE},
    {"IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE},
});

template <std::size_t N>
std::optional<std::uint32_t> find(const std::array<Names, N>& table, std::string_view name) {
  for (const auto& [known, number] : table) {
    if (known == name) return number;
  }
  return std::nullopt;
}

void read_scheduler(const Section& process, Scheduling& into) {
  const Section section = process.object("scheduler");
  if (!section) return;
  Scheduler scheduler = {.origin = {section.path()}};
  const std::string policy = section.needed_text("policy");
  if (const auto number = find(kPolicies, policy)) {
    scheduler.policy = *number;
  } else if (policy == "SCHED_ISO") {
    section.refuse("policy", "no kernel has SCHED_ISO");
  } else if (!policy.empty()) {
    section.refuse("policy", cat("'", policy, "' is no policy"));
  }
  const std::vector<std::string> flags = section.texts("flags");
  for (std::size_t i = 0; i < flags.size(); ++i) {
    const auto bit = find(kSchedulerFlags, flags[i]);
    if (!bit) section.refuse("flags", i, cat("'", flags[i], "' is no flag"));
    scheduler.flags |= bit.value_or(0);
  }
  scheduler.nice = static_cast<std::int32_t>(section.integer("nice", -20, 19).value_or(0));
  scheduler.priority = static_cast<std::uint32_t>(section.integer("priority", 0, 99).value_or(0));
  scheduler.runtime_ns = section.number("runtime", UINT64_MAX).value_or(0);
  scheduler.deadline_ns = section.number("deadline", UINT64_MAX).value_or(0);
  scheduler.period_ns = section.number("period", UINT64_MAX).value_or(0);
  into.scheduler = scheduler;
}

void read_io_priority(const Section& process, Scheduling& into) {
  const Section section = process.object("ioPriority");
  if (!section) return;
  const std::string name = section.needed_text("class");
  const auto number = find(kIoClasses, name);
  if (!number && !name.empty()) section.refuse("class", cat("'", name, "' is no class"));
  into.io = IoPriority{.io_class = static_cast<int>(number.value_or(0)),
                       .priority = static_cast<int>(section.integer("priority", 0, 7).value_or(0)),
                       .origin = {section.path()}};
}

}  // namespace

void read_scheduling(const Section& process, Command& command) {
  Scheduling& into = command.scheduling;
  if (const auto score = process.integer("oomScoreAdj", -1000, 1000)) {
    into.oom_score_adj = static_cast<int>(*score);
    into.oom_origin = {process.path_of("oomScoreAdj")};
  }
  read_scheduler(process, into);
  read_io_priority(process, into);
}

ExecAffinity read_exec_affinity(const Section& process) {
  ExecAffinity affinity;
  const Section section = process.object("execCPUAffinity");
  const auto read = [&](const char* key) {
    const std::string text = section.text(key).value_or("");
    std::optional<CpuSet> cpus = read_numbers(text, kMostCpu);
    if (!cpus) section.refuse(key, cat("'", text, "' is no list of processors"));
    return cpus.value_or(CpuSet{});
  };
  affinity.initial_cpus = read("initial");
  affinity.final_cpus = read("final");
  return affinity;
}

}  // namespace kelp::oci
