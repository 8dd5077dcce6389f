// SPDX-License-Identifier: Apache-2.0
// linux.cgroupsPath; systemd has names of its own.
#include <linux/mount.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "oci/sections.h"

namespace kelp::oci {
namespace {

bool leads_up(std::string_view path) {
  const std::vector<std::string_view> parts = split(path, '/');
  return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

// "SLICE:PREFIX:NAME" of systemd's, as runc has it: the unit is PREFIX-NAME.scope, or NAME where that is a
// slice.
void read_unit(const Section& linux, const std::string& path, const std::string& id, ManagedCgroup& cgroup) {
  if (path.empty()) {
    cgroup.unit = cat("kelp-", id, ".scope");
    return;
  }
  const std::vector<std::string_view> parts = split(path, ':');
  if (parts.size() != 3 || parts[2].empty()) {
    linux.refuse("cgroupsPath",
                 cat("'", path, "' is not SLICE:PREFIX:NAME, as the systemd manager needs it"));
    return;
  }
  cgroup.slice = parts[0];
  if (parts[2].ends_with(".slice")) {
    cgroup.unit = parts[2];
  } else {
    cgroup.unit = parts[1].empty() ? cat(parts[2], ".scope") : cat(parts[1], "-", parts[2], ".scope");
  }
}

// Where the container sees its own part of the tree, and may write there.
bool may_make_cgroups(const Spec& spec) {
  if (!spec.new_namespaces.has(Namespace::kCgroup)) return false;
  return std::any_of(spec.mounts.begin(), spec.mounts.end(), [](const Mount& mount) {
    const auto* plain = std::get_if<PlainMount>(&mount.what);
    return plain != nullptr && plain->type == "cgroup2" && plain_path(plain->to) == "/sys/fs/cgroup" &&
           ((plain->attributes.set | plain->recursive_attributes.set) & MOUNT_ATTR_RDONLY) == 0;
  });
}

}  // namespace

void read_cgroup(const Section& linux, Draft& draft) {
  ManagedCgroup cgroup = {.manager = draft.around.cgroup_manager, .origin = {"linux.cgroupsPath"}};
  const std::string path = linux.text("cgroupsPath").value_or("");
  switch (cgroup.manager) {
    case CgroupManager::kNone: break;
    case CgroupManager::kFiles:
      if (leads_up(path)) linux.refuse("cgroupsPath", cat("there is a '..' in '", path, "'"));
      cgroup.path = path.empty() ? draft.around.id : path;
      break;
    case CgroupManager::kSystemd: read_unit(linux, path, draft.around.id, cgroup); break;
  }
  cgroup.is_delegated = may_make_cgroups(draft.config.spec);
  draft.config.spec.managed_cgroup = std::move(cgroup);
}

}  // namespace kelp::oci
