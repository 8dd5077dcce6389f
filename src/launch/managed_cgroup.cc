// SPDX-License-Identifier: Apache-2.0
// A cgroup that others manage; see managed_cgroup.h.
// Runs in: parent.
#include "launch/managed_cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "host/cgroup_facts.h"
#include "host/id_facts.h"
#include "launch/cgroup_files.h"
#include "launch/systemd.h"
#include "launch/unit_properties.h"
#include "sys/device_filter.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::launch {
namespace {

constexpr const char* kPurpose = "making the container's cgroup";

struct Split {
  std::string around, name;
};
Split split_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return {.around = path.substr(0, slash), .name = path.substr(slash + 1)};
}

// The directories of `path` below `mount`, without empty ones.
std::vector<std::string> way_to(std::string_view mount, std::string_view path) {
  std::vector<std::string> names;
  for (const std::string_view name : split(path.substr(mount.size()), '/')) {
    if (!name.empty() && name != ".") names.emplace_back(name);
  }
  return names;
}

// We may not make one there, or nobody may.
bool is_closed_to_us(int code) { return code == EACCES || code == EPERM || code == EROFS; }

// Which limit it is that cannot be had.
Error explain_controllers(const plan::ManagedCgroup& wanted, Error error) {
  for (const plan::CgroupSetting& setting : wanted.settings) {
    const std::string controller = setting.file.substr(0, setting.file.find('.'));
    if (error.action().find(cat(" ", controller, " ")) == std::string::npos) continue;
    return Error(cat("use ", setting.origin.text.empty() ? setting.file : setting.origin.text),
                 cat("cannot ", error.action(), ": ", error.reason()))
        .with_code(error.code())
        .with_hint(
            "have the controller delegated (systemd: Delegate=yes), or make no cgroup: "
            "--cgroup-manager=disabled");
  }
  return error;
}

// Who is in it already would be limited, frozen and ended with the container.
Status refuse_populated(int cgroup_fd, const std::string& path) {
  const Result<std::string> events = read_cgroup_file(cgroup_fd, path, "cgroup.events");
  if (!events) return events.error();
  if (field_in(*events, "populated").value_or(0) == 0) return {};
  return Error(cat("use the cgroup ", path), "processes are in it already").with_code(EBUSY);
}

// The directory that the cgroup is to be made in, made where it is missing.
Result<sys::UniqueFd> open_way(const plan::ManagedCgroup& wanted, const std::vector<std::string>& names) {
  Result<sys::UniqueFd> at = open_cgroup(wanted.mount);
  if (!at) return at;
  std::string path = wanted.mount;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (const auto enabled = enable_controllers(at->get(), path, wanted.controllers); !enabled)
      return explain_controllers(wanted, enabled.error());
    if (i + 1 == names.size()) return at;
    path += cat("/", names[i]);
    if (::mkdirat(at->get(), names[i].c_str(), 0755) != 0 && errno != EEXIST)
      return sys::failure(cat("make the cgroup ", path));
    Result<sys::UniqueFd> next = sys::open_at(at->get(), names[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!next) return sys::failure(cat("open the cgroup ", path), next.error().code());
    at = std::move(next);
  }
  return Error(cat("use the cgroup ", wanted.directory), "it is the top of the hierarchy");
}

// Root of the machine's first user namespace, which can make every device node. Anybody else has only those
// that were bound.
bool may_make_devices() {
  const Result<std::string> map = sys::read_proc("/proc/self/uid_map");
  return ::geteuid() == 0 && map && host::is_every_id(host::read_id_map(*map));
}

Error cannot_limit_devices(std::string reason) {
  return Error("use linux.resources.devices", std::move(reason));
}

// By a program that the kernel asks.
Status limit_devices(const std::vector<DeviceRule>& rules, int cgroup_fd) {
  if (rules.empty()) return {};
  std::vector<sys::DeviceFilterRule> wanted;
  for (const DeviceRule& rule : rules) {
    sys::DeviceFilterRule one{.allow = rule.allow, .major = rule.major, .minor = rule.minor, .access = 0};
    if (rule.type != 'a') one.type = rule.type == 'b' ? sys::DeviceType::kBlock : sys::DeviceType::kCharacter;
    for (const char access : rule.access)
      one.access |= access == 'm' ? sys::kMake : access == 'r' ? sys::kRead : sys::kWrite;
    wanted.push_back(one);
  }
  const Status attached = sys::attach_device_filter(cgroup_fd, sys::compile_device_filter(wanted));
  if (attached || (is_closed_to_us(attached.error().code()) && !may_make_devices())) return {};
  return cannot_limit_devices(cat("cannot ", attached.error().action(), ": ", attached.error().reason()));
}

std::vector<Property> properties_of(const plan::ManagedCgroup& wanted, pid_t pid) {
  std::vector<Property> properties = {
      {.name = "Description", .value = cat("kelp container ", wanted.unit->name)},
      {.name = "PIDs", .value = std::vector<std::uint32_t>{static_cast<std::uint32_t>(pid)}},
      {.name = "Delegate", .value = true},
      {.name = "CollectMode", .value = std::string("inactive-or-failed")},
      {.name = "DefaultDependencies", .value = false}};
  if (!wanted.unit->slice.empty()) properties.push_back({.name = "Slice", .value = wanted.unit->slice});
  for (Property& limit : properties_of_limits(wanted.settings)) properties.push_back(std::move(limit));
  return properties;
}

}  // namespace

Result<Cgroup> make_managed_cgroup(const plan::ManagedCgroup& plan) {
  Cgroup cgroup;
  plan::ManagedCgroup wanted = plan;
  if (wanted.may_lack && !wanted.devices.empty() && may_make_devices()) wanted.may_lack = false;
  if (wanted.unit) return cgroup;
  if (wanted.directory.empty()) {
    if (wanted.may_lack) return cgroup;
    return cannot_limit_devices("no cgroup v2 is mounted where kelp could make one");
  }
  if (!wanted.directory.starts_with(wanted.mount))
    return Error(cat("use the cgroup ", wanted.directory), cat("it is not below ", wanted.mount));
  const std::vector<std::string> names = way_to(wanted.mount, wanted.directory);
  if (std::ranges::find(names, "..") != names.end())
    return Error(cat("use the cgroup ", wanted.directory), "'..' leads out of it");
  Result<sys::UniqueFd> around = open_way(wanted, names);
  Status made;
  if (!around) made = around.error();
  if (made && ::mkdirat(around->get(), names.back().c_str(), 0755) != 0 && errno != EEXIST)
    made = sys::failure(cat("make the cgroup ", wanted.directory));
  if (!made && wanted.may_lack && is_closed_to_us(made.error().code())) return Cgroup();
  if (!made) return std::move(made.error()).after(kPurpose);
  Result<sys::UniqueFd> own = sys::open_at(around->get(), names.back(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!own) return std::move(own.error()).after(kPurpose);
  if (Status s = refuse_populated(own->get(), wanted.directory); !s) return s.error();
  cgroup.path_ = wanted.directory;
  cgroup.around_ = std::move(*around);
  cgroup.claim_ = {.name = names.back(), .lock = std::move(*own)};
  if (made) made = apply_settings(cgroup.claim_.lock.get(), cgroup.path_, wanted.settings);
  if (made) made = limit_devices(wanted.devices, cgroup.claim_.lock.get());
  if (made) made = cgroup.make_inside(kLevelInside, wanted.controllers, wanted.settings);
  // An existing one of which nothing is ours: the container is where kelp is.
  if (!made && wanted.may_lack && is_closed_to_us(made.error().code())) {
    cgroup.leave();
    return Cgroup();
  }
  if (!made) return std::move(made.error()).after(kPurpose);
  return cgroup;
}

Status enter_unit(const plan::ManagedCgroup& wanted, pid_t pid, std::optional<std::uint64_t> deadline_us,
                  Cgroup& cgroup) {
  std::vector<Property> properties = properties_of(wanted, pid);
  for (const UnitProperty& written : wanted.unit->properties) {
    Result<Property> property = read_property(written);
    if (!property) return property.error();
    properties.push_back(std::move(*property));
  }
  const plan::ManagedCgroup::Unit& unit = *wanted.unit;
  if (Status s = start_unit(unit.bus_address, unit.name, properties, deadline_us); !s) return s;
  const std::string directory = host::cgroup_of(host::Machine{}, pid);
  if (!directory.ends_with(cat("/", unit.name))) {
    return Error(
        cat("use the unit ", unit.name),
        cat("the container's process is in ", directory.empty() ? "no cgroup that is mounted" : directory));
  }
  const auto [around, name] = split_path(directory);
  Result<sys::UniqueFd> around_fd = open_cgroup(around);
  if (!around_fd) return around_fd.error();
  Result<sys::UniqueFd> own = open_cgroup(directory);
  if (!own) return own.error();
  cgroup.path_ = directory;
  cgroup.around_ = std::move(*around_fd);
  cgroup.claim_ = {.name = name, .lock = std::move(*own)};
  // The process leaves the level that is to have the limits before a controller is enabled there.
  Status done = cgroup.make_inside(kLevelInside, {}, {});
  if (done) done = write_cgroup_file(cgroup.inside_.get(), directory, "cgroup.procs", std::to_string(pid));
  if (done) done = apply_settings(cgroup.claim_.lock.get(), directory, wanted.settings);
  if (done) done = limit_devices(wanted.devices, cgroup.claim_.lock.get());
  if (done) done = cgroup.make_inside(kLevelInside, wanted.controllers, wanted.settings);
  if (!done) return std::move(done.error()).after(kPurpose);
  return {};
}

Status remove_managed_cgroup(const std::string& directory) {
  const auto [around, name] = split_path(directory);
  Result<sys::UniqueFd> around_fd = open_cgroup(around);
  if (!around_fd) return around_fd.error().code() == ENOENT ? Status() : Status(around_fd.error());
  Result<sys::UniqueFd> own = sys::open_at(around_fd->get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!own) return own.error().code() == ENOENT ? Status() : Status(own.error());
  return empty_and_remove(around_fd->get(), {.name = name, .lock = std::move(*own)});
}

Status change_managed_cgroup(const std::string& directory, const plan::ManagedCgroup& wanted) {
  const Result<sys::UniqueFd> own = open_cgroup(directory);
  if (!own) return own.error();
  if (wanted.unit) {
    const std::vector<Property> properties = properties_of_limits(wanted.settings);
    if (!properties.empty()) {
      if (Status s = set_unit_properties(wanted.unit->bus_address, wanted.unit->name, properties); !s)
        return s;
    }
  }
  if (Status s = apply_settings(own->get(), directory, wanted.settings); !s) return s;
  Result<sys::UniqueFd> inside = sys::open_at(own->get(), kLevelInside, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!inside) return {};
  std::vector<plan::CgroupSetting> visible;
  std::ranges::copy_if(wanted.settings, std::back_inserter(visible),
                       [](const plan::CgroupSetting& setting) { return setting.shows_inside; });
  return apply_settings(inside->get(), cat(directory, "/", kLevelInside), visible);
}

}  // namespace kelp::launch
