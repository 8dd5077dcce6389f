// SPDX-License-Identifier: Apache-2.0
// The policy of a Plan: one function a fence. What other parts of plan/ find out on their way they add
// themselves, where they find it out.
#include <linux/capability.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "base/text.h"
#include "plan/steps.h"
#include "spec/joins.h"

namespace kelp::plan {
namespace {

void note_namespaces(const Spec& spec, Policy& policy, const NamespaceSet& made) {
  for (const NamespaceInfo& info : all_namespaces()) {
    const bool is_joined = info.kind == Namespace::kUser &&
                           (std::holds_alternative<JoinedIds>(spec.ids.map) || joins(spec, Namespace::kUser));
    if (!spec.new_namespaces.has(info.kind) || is_joined) continue;
    PolicyItem item{.what = cat("its own ", info.name, " namespace"), .fence = fence_of(info.kind)};
    if (!made.has(info.kind)) {
      item.enforcement = Enforcement::kNot;
      item.why = "the container around kelp forbids it";
    }
    policy.push_back(std::move(item));
  }
}

void note_proc(const std::vector<Step>& steps, Policy& policy) {
  const bool is_new = std::any_of(steps.begin(), steps.end(), [](const Step& step) {
    return std::holds_alternative<NewProc>(step.what);
  });
  if (is_new) policy.push_back({.what = "a proc that shows its own processes only", .fence = Fence::kProc});
}

void note_rights(const Command& command, Policy& policy) {
  const CapabilityMask most = command.capabilities.root | command.capabilities.any_user;
  if ((most & all_capabilities()) != all_capabilities()) {
    policy.push_back({.what = most == 0 ? "no capability" : cat("no capability but ", capability_names(most)),
                      .fence = Fence::kCapabilities});
  }
  if (!command.new_privileges) {
    policy.push_back({.what = "no rights gained by setuid programs or file capabilities",
                      .fence = Fence::kNoNewPrivileges});
  }
  if (command.new_session) policy.push_back({.what = "its own session", .fence = Fence::kSession});
}

bool has_ptrace(const Capabilities& capabilities) {
  return (((capabilities.root | capabilities.any_user) >> CAP_SYS_PTRACE) & 1U) != 0;
}

// PID 1's end is the end of all; but only the reaper cannot be talked out of ending with kelp.
void note_end(const Spec& spec, Policy& policy) {
  if (!spec.command.die_with_parent) return;
  PolicyItem item{.what = "everything ends when kelp ends", .fence = Fence::kDieWithParent};
  const bool has_pid_namespace = spec.new_namespaces.has(Namespace::kPid);
  if (spec.command.pid1 == Pid1::kEnterableReaper && has_ptrace(spec.command.capabilities)) {
    item.enforcement = Enforcement::kPartly;
    item.why = "with sys_ptrace root inside can trace PID 1 and undo its tie to kelp's life";
  }
  if (!has_pid_namespace || spec.command.pid1 == Pid1::kCommand) {
    item.enforcement = Enforcement::kPartly;
    item.why = has_pid_namespace
                   ? "the command is PID 1 and can undo its tie to kelp's life"
                   : "without a pid namespace of its own only the command is sure to, and it can undo that";
  }
  policy.push_back(std::move(item));
}

}  // namespace

void note_fences(const Spec& spec, const std::vector<Step>& steps, Plan& plan) {
  Policy policy;
  note_namespaces(spec, policy, plan.new_namespaces);
  note_proc(steps, policy);
  note_rights(spec.command, policy);
  note_end(spec, policy);
  policy.insert(policy.end(), std::make_move_iterator(plan.policy.begin()),
                std::make_move_iterator(plan.policy.end()));
  plan.policy = std::move(policy);
}

}  // namespace kelp::plan
