// SPDX-License-Identifier: Apache-2.0
// The annotations that mean something to kelp: properties of a systemd unit, as runc has them, and the
// caller's groups, as crun and Podman have them. All others are data.
#include <algorithm>

#include "base/text.h"
#include "oci/sections.h"

namespace kelp::oci {
namespace {

constexpr std::string_view kProperty = "org.systemd.property.";
constexpr std::string_view kKeepGroups = "run.oci.keep_original_groups";

bool is_property_name(std::string_view name) {
  return name.size() >= 3 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

// Root's groups are not for whoever may write an annotation.
void keep_groups(Draft& draft) {
  Command& command = draft.config.spec.command;
  if (draft.around.is_real_root) {
    draft.config.warnings.push_back(cat("annotations.", kKeepGroups, ": not for root"));
    return;
  }
  command.groups = Groups::kKeep;
  command.listed_groups.clear();
  command.user.origin = {};
}

}  // namespace

void read_known_annotations(Draft& draft) {
  std::optional<ManagedCgroup>& cgroup = draft.config.spec.managed_cgroup;
  for (const auto& [key, value] : draft.config.annotations) {
    if (key == kKeepGroups && value == "1") keep_groups(draft);
    if (!key.starts_with(kProperty) || !cgroup || cgroup->manager != CgroupManager::kSystemd) continue;
    std::string name = key.substr(kProperty.size());
    if (!is_property_name(name)) {
      draft.config.warnings.push_back(cat("annotations.", key, ": it is no name of a property"));
      continue;
    }
    cgroup->properties.push_back(
        {.name = std::move(name), .value = value, .origin = {cat("annotations.", key)}});
  }
}

}  // namespace kelp::oci
