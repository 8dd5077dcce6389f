// SPDX-License-Identifier: Apache-2.0
// Which shared devices nobody in the container may open, though the caller may.
#include <algorithm>

#include "base/text.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

constexpr std::uint32_t kOfOwner = 0600, kOfGroup = 0060, kOfOthers = 0006;

struct Closed {
  std::vector<std::string> by_group;  // the caller may as a member of a group that is given up
  std::vector<std::string> by_ids;    // its owner and group are not in the map
};

// Three names tell which devices they are.
std::string some_of(const std::vector<std::string>& paths) {
  std::string text;
  for (std::size_t i = 0; i < paths.size() && i < 3; ++i) text += cat(i == 0 ? "" : ", ", paths[i]);
  return paths.size() > 3 ? cat(text, " and ", paths.size() - 3, " more") : text;
}

bool is_mapped(const IdMap& map, Id host) { return inside_of(map, host).has_value(); }

void add_if_closed(const std::string& path, const host::HostFile& file, const host::Facts& facts,
                   const IdMaps& ids, bool keeps_groups, Closed& closed) {
  if (file.has_acl || (file.mode & kOfOthers) != 0) return;
  if ((file.mode & kOfOwner) != 0 && is_mapped(ids.users, file.owner)) return;
  const bool is_for_group = (file.mode & kOfGroup) != 0;
  if (is_for_group && is_mapped(ids.groups, file.group)) return;
  const auto& mine = facts.supplementary_groups;
  const bool is_by_group = is_for_group && std::ranges::find(mine, file.group) != mine.end();
  if (!is_by_group) {
    closed.by_ids.push_back(path);
  } else if (!keeps_groups) {
    closed.by_group.push_back(path);
  }
}

}  // namespace

void warn_of_closed_devices(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Plan& plan) {
  // What others write into the maps is not known.
  if (ids.writer == MapWriter::kOthers || ids.writer == MapWriter::kNobody) return;
  const bool keeps_groups = ids.deny_setgroups || spec.command.groups == Groups::kKeep;
  Closed closed;
  for (const Mount& mount : spec.mounts) {
    const auto* bind = std::get_if<Bind>(&mount.what);
    if (bind == nullptr || !bind->is_device) continue;
    const host::HostFile* file = facts.file(bind->from);
    if (file != nullptr && file->kind == host::FileKind::kOther)
      add_if_closed(bind->from, *file, facts, ids, keeps_groups, closed);
  }
  if (!closed.by_group.empty()) {
    plan.warnings.push_back(cat("nobody in the container may open ", some_of(closed.by_group),
                                ", which you may as a member of its group: --keep-groups keeps your groups"));
  }
  if (!closed.by_ids.empty()) {
    plan.warnings.push_back(cat("nobody in the container may open ", some_of(closed.by_ids),
                                ": its owner and its group are not among the ids of the container"));
  }
}

}  // namespace kelp::plan
