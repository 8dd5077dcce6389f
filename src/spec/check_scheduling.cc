// SPDX-License-Identifier: Apache-2.0
// What check() asks of schedulers and of memory policies (sched_setattr(2), set_mempolicy(2)): where the
// kernel would only answer "Invalid argument".
#include <linux/mempolicy.h>
#include <linux/sched.h>

#include <string>

#include "base/text.h"
#include "spec/check_parts.h"

namespace kelp {
namespace {

constexpr std::uint32_t kStaticNodes = 1U << 15U, kRelativeNodes = 1U << 14U;  // MPOL_F_*
constexpr int kLocal = 4;                                                      // MPOL_LOCAL

std::string trouble_with(const Scheduler& scheduler) {
  const bool is_realtime = scheduler.policy == SCHED_FIFO || scheduler.policy == SCHED_RR;
  const bool is_deadline = scheduler.policy == SCHED_DEADLINE;
  if (is_realtime && scheduler.priority == 0) return "its policy needs a priority of 1 to 99";
  if (!is_realtime && scheduler.priority != 0) return "its policy has no priority";
  const bool has_times = scheduler.runtime_ns != 0 || scheduler.deadline_ns != 0 || scheduler.period_ns != 0;
  if (!is_deadline && has_times) return "only SCHED_DEADLINE has a runtime, a deadline and a period";
  if (!is_deadline) return {};
  if (scheduler.runtime_ns == 0) return "SCHED_DEADLINE needs a runtime";
  const std::uint64_t deadline = scheduler.deadline_ns != 0 ? scheduler.deadline_ns : scheduler.period_ns;
  if (deadline == 0) return "SCHED_DEADLINE needs a deadline";
  if (scheduler.runtime_ns > deadline) return "its runtime is longer than its deadline";
  if (scheduler.period_ns != 0 && deadline > scheduler.period_ns)
    return "its deadline is later than its period";
  return {};
}

std::string trouble_with(const MemoryPolicy& policy) {
  const bool takes_none = policy.mode == MPOL_DEFAULT || policy.mode == kLocal;
  if (takes_none && !policy.nodes.empty()) return "its mode takes no nodes";
  // MPOL_PREFERRED without nodes is where the process runs.
  if (!takes_none && policy.mode != MPOL_PREFERRED && policy.nodes.empty()) return "its mode needs nodes";
  if ((policy.flags & kStaticNodes) != 0 && (policy.flags & kRelativeNodes) != 0)
    return "nodes are static or relative, not both";
  if (takes_none && policy.flags != 0) return "its mode takes no flags";
  return {};
}

}  // namespace

std::vector<Error> problems_of_scheduling(const Spec& spec) {
  std::vector<Error> problems;
  const Scheduling& scheduling = spec.command.scheduling;
  if (scheduling.scheduler) {
    if (std::string why = trouble_with(*scheduling.scheduler); !why.empty())
      problems.emplace_back(using_of(scheduling.scheduler->origin, "set the scheduler"), std::move(why));
  }
  if (scheduling.memory) {
    if (std::string why = trouble_with(*scheduling.memory); !why.empty())
      problems.emplace_back(using_of(scheduling.memory->origin, "set the memory policy"), std::move(why));
  }
  return problems;
}

}  // namespace kelp
