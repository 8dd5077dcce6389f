// SPDX-License-Identifier: Apache-2.0
// Which flags of `kelp run` take a fence away: what --require tells where it refuses.
#include <utility>

#include "cli/draft.h"

namespace kelp::cli {
namespace {

// The last of the flags, where it was given.
void waive(Draft& draft, Fence fence, std::string_view flag) {
  for (std::size_t i = draft.given.size(); i-- > 0;) {
    if (run_flags()[draft.given[i].row].name != flag) continue;
    return draft.request.spec.waived.push_back({.fence = fence, .origin = {draft.given[i].typed}});
  }
}

void waive_rights(Draft& draft) {
  const Command& command = draft.request.spec.command;
  if (command.new_privileges) waive(draft, Fence::kNoNewPrivileges, "new-privileges");
  if (command.groups == Groups::kKeep) waive(draft, Fence::kGroups, "keep-groups");
  if (!command.new_session) waive(draft, Fence::kSession, "new-session");
  if (!command.die_with_parent) waive(draft, Fence::kDieWithParent, "die-with-parent");
  if (command.capabilities.root == all_capabilities()) waive(draft, Fence::kCapabilities, "cap-add");
}

}  // namespace

void finish_waivers(Draft& draft) {
  std::vector<Waiver>& waived = draft.request.spec.waived;
  if (draft.proc && draft.proc->value_or(ProcMode::kHost) == ProcMode::kHost)
    waive(draft, Fence::kProc, "proc");
  for (const Said<Namespace>& shared : draft.shared) {
    waived.push_back({.fence = fence_of(shared.value), .origin = {shared.typed}});
    if (shared.value == Namespace::kPid) waived.push_back({.fence = Fence::kProc, .origin = {shared.typed}});
  }
  if (draft.filter && draft.filter->value == "none")
    waived.push_back({.fence = Fence::kSeccomp, .origin = {draft.filter->typed}});
  if (draft.landlock && draft.landlock->value == "none")
    waived.push_back({.fence = Fence::kLandlock, .origin = {draft.landlock->typed}});
  waive_rights(draft);
  if (!draft.is_bare) return;
  for (const Fence fence :
       {Fence::kPid, Fence::kIpc, Fence::kUts, Fence::kCgroup, Fence::kProc, Fence::kPaths, Fence::kSession,
        Fence::kSeccomp, Fence::kLandlock, Fence::kDieWithParent}) {
    waive(draft, fence, "bare");
  }
}

}  // namespace kelp::cli
