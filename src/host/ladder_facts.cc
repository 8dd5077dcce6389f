// SPDX-License-Identifier: Apache-2.0
// What a start could have here; see ladder_facts.h.
// Runs in: parent.
#include "host/ladder_facts.h"

#include <linux/capability.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "host/causes.h"
#include "sys/failure.h"

namespace kelp::host {
namespace {

struct Stage {
  Failed what;
  std::string_view missing;
};
// In the order in which they are tried.
constexpr auto kStages = std::to_array<Stage>({
    {Failed::kClone, "user namespaces cannot be made here"},
    {Failed::kIdMap, "a user namespace can be made here, but no id can be mapped in it"},
    {Failed::kNamespaces, "the other namespaces cannot be made here"},
    {Failed::kFirstMount, "nothing can be mounted here, not even in a user namespace"},
    {Failed::kProc, "a container gets no proc of its own here"},
});

// The first stage that fails is the reason. What comes after it was not tried; what is known to be in its way
// would be the next.
void tell_missing(const Trial& trial, const Machine& machine, LadderFacts& facts) {
  for (const Stage& stage : kStages) {
    if (trial.works(stage.what)) continue;
    const std::optional<int> code = trial.outcome(stage.what);
    const std::optional<Cause> cause = find_cause(stage.what, code.value_or(EPERM), machine);
    if (facts.missing.empty()) {
      facts.missing = stage.missing;
      facts.why = cause ? cause->why : cat("the kernel answers \"", sys::reason_of(code.value_or(0)), "\"");
    }
    if (!cause || cause->mend.empty() || facts.mend.find(cause->mend) != std::string::npos) continue;
    facts.mend += cat(facts.mend.empty() ? "" : "; besides, ", cause->mend);
  }
}

}  // namespace

LadderFacts ladder_of(const Trial& trial, const Machine& machine) {
  LadderFacts facts;
  facts.may_chroot = machine.uid == 0 && machine.has_capability(CAP_SYS_CHROOT);
  facts.may_set_groups =
      machine.has_capability(CAP_SETGID) && machine.read("/proc/self/setgroups").value_or("") != "deny\n";
  facts.may_limit_bounds = machine.has_capability(CAP_SETPCAP);
  facts.may_kill = machine.has_capability(CAP_KILL);
  facts.has_namespaces = trial.works(Failed::kFirstMount);
  facts.has_own_proc = trial.works(Failed::kProc);
  if (!facts.has_own_proc) tell_missing(trial, machine, facts);
  return facts;
}

Result<LadderFacts> probe_ladder() {
  const Result<Trial> trial = try_namespaces(Extent::kLadder);
  if (!trial) return trial.error();
  return ladder_of(*trial, Machine::here());
}

}  // namespace kelp::host
