// SPDX-License-Identifier: Apache-2.0
// The cgroup that an engine has named: where it lies, and which controllers its files take.
#include <algorithm>

#include "base/text.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

Error cannot_limit(const CgroupFile& file, std::string reason) {
  return Error(cat("use ", file.origin.text.empty() ? file.file : file.origin.text), std::move(reason));
}

// "/a/b" is from the top of the hierarchy, anything else from where kelp itself is.
std::string directory_of(const std::string& path, const host::CgroupFacts& facts) {
  if (path.starts_with('/')) return cat(facts.mount, path);
  return facts.own.directory.empty() ? std::string() : cat(facts.own.directory, "/", path);
}

// "memory.max" → memory; files of the cgroup itself ("cgroup.max.depth") take none.
std::vector<std::string> controllers_of(const std::vector<CgroupFile>& files) {
  std::vector<std::string> controllers;
  for (const CgroupFile& file : files) {
    std::string controller = file.file.substr(0, file.file.find('.'));
    if (controller == "cgroup" || std::ranges::find(controllers, controller) != controllers.end()) continue;
    controllers.push_back(std::move(controller));
  }
  return controllers;
}

// What a program reads to learn how much it may use.
bool shows_inside(const std::string& file) {
  return file == "memory.max" || file == "memory.swap.max" || file == "cpu.max" || file == "pids.max";
}

std::vector<CgroupSetting> settings_of(const std::vector<CgroupFile>& files) {
  std::vector<CgroupSetting> settings;
  settings.reserve(files.size());
  for (const CgroupFile& file : files) {
    settings.push_back({.file = file.file,
                        .value = file.value,
                        .optional = file.value == "max",
                        .shows_inside = shows_inside(file.file),
                        .else_file = file.else_file,
                        .else_value = file.else_value,
                        .origin = file.origin});
  }
  return settings;
}

Result<ManagedCgroup::Unit> unit_of(const kelp::ManagedCgroup& wanted, const host::CgroupFacts& facts) {
  if (facts.manager.bus_address.empty()) {
    return Error(cat("make the unit ", wanted.unit), "no systemd of yours runs that could make it")
        .with_hint("let the engine manage cgroups itself: --cgroup-manager=cgroupfs");
  }
  return ManagedCgroup::Unit{.bus_address = facts.manager.bus_address,
                             .slice = wanted.slice,
                             .name = wanted.unit,
                             .properties = wanted.properties};
}

}  // namespace

Status plan_managed_cgroup(const Spec& spec, const host::Facts& facts, Plan& plan) {
  if (!spec.managed_cgroup) return {};
  const kelp::ManagedCgroup& wanted = *spec.managed_cgroup;
  if (wanted.manager == CgroupManager::kNone) return {};
  const host::CgroupFacts cgroups = facts.cgroups.value_or(host::CgroupFacts{});
  const bool has_limits = !wanted.files.empty();
  const std::string why_none = cgroups.mount.empty() || cgroups.has_v1 ? cgroups.none_because : std::string();
  if (!why_none.empty() && has_limits)
    return cannot_limit(wanted.files.front(), why_none).with_hint(cgroups.mend);
  ManagedCgroup cgroup{.mount = cgroups.mount,
                       .controllers = controllers_of(wanted.files),
                       .settings = settings_of(wanted.files),
                       .devices = wanted.devices,
                       .may_lack = !has_limits,
                       .origin = wanted.origin};
  if (wanted.manager == CgroupManager::kSystemd) {
    Result<ManagedCgroup::Unit> unit = unit_of(wanted, cgroups);
    if (!unit) return unit.error();
    cgroup.unit = std::move(*unit);
    plan.managed_cgroup = std::move(cgroup);
    return {};
  }
  if (!cgroups.mount.empty()) cgroup.directory = directory_of(wanted.path, cgroups);
  if (cgroup.directory.empty() && has_limits) {
    return cannot_limit(wanted.files.front(), "kelp's own cgroup lies outside of what is mounted here");
  }
  plan.managed_cgroup = std::move(cgroup);
  return {};
}

}  // namespace kelp::plan
