// SPDX-License-Identifier: Apache-2.0
// Where this caller can make a cgroup v2; see cgroup_facts.h.
// Runs in: parent.
#include "host/cgroup_facts.h"

#include <sys/xattr.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <utility>

#include "base/text.h"
#include "host/id_facts.h"

namespace kelp::host {
namespace {

// The first of several: systemd's hybrid layout has one on /sys/fs/cgroup/unified.
std::optional<MountEntry> cgroup_mount(const Machine& machine) {
  for (MountEntry& mount : machine.mounts()) {
    if (mount.type == "cgroup2") return std::move(mount);
  }
  return std::nullopt;
}

// A cgroup as /proc/PID/cgroup names it, as a directory; empty: it lies outside of what is mounted.
std::string directory_of(const MountEntry& mount, std::string_view cgroup) {
  if (mount.root != "/") {
    if (!cgroup.starts_with(mount.root)) return {};
    cgroup.remove_prefix(mount.root.size());
    if (!cgroup.empty() && !cgroup.starts_with('/')) return {};
  }
  if (cgroup.starts_with("/..")) return {};
  return cgroup == "/" ? mount.mount_point : cat(mount.mount_point, cgroup);
}

// `process` is its name in /proc.
std::string directory_of_process(const Machine& machine, const MountEntry& mount,
                                 const std::string& process) {
  const std::string text = machine.read(cat("/proc/", process, "/cgroup")).value_or(std::string());
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("0::/")) return directory_of(mount, line.substr(3));
  }
  return {};
}

bool may_write(const Machine& machine, std::string_view path) {
  return ::access(cat(machine.prefix, path).c_str(), W_OK) == 0;
}

std::vector<std::string> words_of(const Machine& machine, const std::string& path) {
  std::vector<std::string> words;
  const std::string text = machine.read(path).value_or(std::string());
  for (const std::string_view word : split(std::string_view(text).substr(0, text.find('\n')), ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

// A cgroup that cannot be read (a threaded one) is taken for one that holds others.
bool holds_others(const Machine& machine, const std::string& directory) {
  const std::optional<std::string> text = machine.read(cat(directory, "/cgroup.procs"));
  if (!text) return true;
  const std::string own = std::to_string(::getpid());
  for (const std::string_view line : split(*text, '\n')) {
    if (!line.empty() && line != own) return true;
  }
  return false;
}

// systemd tells so what it will leave alone; that of a user not in every version (252).
bool is_marked_as_delegated(const Machine& machine, const std::string& directory) {
  char value = 0;
  const std::string path = cat(machine.prefix, directory);
  return ::getxattr(path.c_str(), "user.delegate", &value, 1) == 1 && value == '1';
}

CgroupPlace look_at(const Machine& machine, std::string directory) {
  CgroupPlace place{.directory = std::move(directory)};
  const std::string& at = place.directory;
  if (at.empty()) return place;
  place.exists = machine.exists(cat(at, "/cgroup.procs"));
  if (!place.exists) return place;
  place.is_writable = may_write(machine, at) && may_write(machine, cat(at, "/cgroup.procs")) &&
                      may_write(machine, cat(at, "/cgroup.subtree_control"));
  place.is_delegated = is_marked_as_delegated(machine, at);
  place.holds_others = holds_others(machine, at);
  place.is_top = !machine.exists(cat(at, "/cgroup.type"));
  place.controllers = words_of(machine, cat(at, "/cgroup.controllers"));
  place.enabled = words_of(machine, cat(at, "/cgroup.subtree_control"));
  return place;
}

// As D-Bus writes addresses.
std::string escaped(std::string_view path) {
  static constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/.";
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += cat('%', kDigits[byte >> 4U], kDigits[byte & 15U]);
    }
  }
  return out;
}

ServiceManager manager_at(const Machine& machine, const std::string& directory, const std::string& bus,
                          const std::string& cgroup) {
  if (!machine.exists(cat(directory, "/systemd/private")) || !machine.exists(bus)) return {};
  return {.bus_address = cat("unix:path=", escaped(bus)),
          .controllers = words_of(machine, cat(cgroup, "/cgroup.controllers"))};
}

// Root of a user namespace is nobody whom the machine's systemd would obey.
bool is_real_root(const Machine& machine) {
  return is_every_id(read_id_map(machine.read("/proc/self/uid_map").value_or(std::string())));
}

// That of the user; the machine's where root calls.
ServiceManager find_manager(const Machine& machine, const MountEntry& mount) {
  if (machine.uid == 0 && is_real_root(machine)) {
    ServiceManager manager =
        manager_at(machine, "/run", "/run/dbus/system_bus_socket", directory_of(mount, "/"));
    manager.is_system = true;
    return manager;
  }
  const char* const variable = std::getenv("XDG_RUNTIME_DIR");
  // To the user's own systemd it is that user (as in Podman's user namespace), whose number it cannot know.
  if (machine.uid == 0) {
    if (variable == nullptr || variable[0] != '/') return {};
    return manager_at(machine, variable, cat(variable, "/bus"), {});
  }
  const std::string usual = cat("/run/user/", machine.uid);
  const std::string directory = variable != nullptr && variable[0] == '/' ? variable : usual;
  const std::string service =
      directory_of(mount, cat("/user.slice/user-", machine.uid, ".slice/user@", machine.uid, ".service"));
  ServiceManager manager = manager_at(machine, directory, cat(directory, "/bus"), service);
  return manager.bus_address.empty() ? manager_at(machine, usual, cat(usual, "/bus"), service) : manager;
}

// A process can be made in a cgroup only by who may also write the first one that is above both.
bool may_leave_for(const Machine& machine, std::string own, const std::string& target) {
  const std::string below = target + "/";
  while (!below.starts_with(own + "/")) {
    const std::size_t slash = own.rfind('/');
    if (slash == 0 || slash == std::string::npos) return false;
    own.resize(slash);
  }
  return may_write(machine, cat(own, "/cgroup.procs"));
}

void tell_why_none(const Machine& machine, CgroupFacts& facts) {
  if (facts.mount.empty() || facts.has_v1) {
    facts.none_because = facts.mount.empty()
                             ? "no cgroup v2 is mounted here"
                             : "the controllers belong to cgroup v1, where only root sets limits";
    // As sd_booted(3) finds it.
    facts.mend = machine.exists("/run/systemd/system")
                     ? "boot with systemd.unified_cgroup_hierarchy=1"
                     : "boot with cgroup_no_v1=all, and mount a cgroup2 on /sys/fs/cgroup";
  } else if (!facts.manager.bus_address.empty() || (facts.own.is_writable && !facts.own.holds_others)) {
    return;
  } else if (facts.own.is_writable) {
    facts.none_because =
        cat("the cgroup ", facts.own.directory,
            " holds other processes than kelp, so no controller can be enabled in it (cgroups(7))");
    facts.mend = "start kelp alone in a cgroup, or name one without processes by --cgroup-parent";
  } else {
    facts.none_because = "no cgroup is delegated to you, and no systemd of yours runs that could make one";
    facts.mend =
        "sudo loginctl enable-linger $(id -un) starts your systemd; a unit that starts kelp alone needs "
        "Delegate=yes";
  }
}

}  // namespace

CgroupFacts probe_cgroups(const Machine& machine, const std::string& parent) {
  CgroupFacts facts;
  const std::optional<MountEntry> mount = cgroup_mount(machine);
  if (!mount) {
    tell_why_none(machine, facts);
    return facts;
  }
  facts.mount = mount->mount_point;
  facts.has_v1 =
      machine.read("/proc/self/cgroup").value_or(std::string()).find(":memory:") != std::string::npos;
  facts.own = look_at(machine, directory_of_process(machine, *mount, "self"));
  facts.manager = find_manager(machine, *mount);
  if (!parent.empty()) {
    const bool is_directory = (parent + "/").starts_with(facts.mount + "/");
    facts.parent = look_at(machine, is_directory ? parent : directory_of(*mount, parent));
    facts.may_enter_parent =
        facts.parent->exists && may_leave_for(machine, facts.own.directory, facts.parent->directory);
  }
  tell_why_none(machine, facts);
  return facts;
}

std::string own_cgroup(const Machine& machine) {
  const std::optional<MountEntry> mount = cgroup_mount(machine);
  return mount ? directory_of_process(machine, *mount, "self") : std::string();
}

std::string cgroup_of(const Machine& machine, pid_t pid) {
  const std::optional<MountEntry> mount = cgroup_mount(machine);
  return mount ? directory_of_process(machine, *mount, std::to_string(pid)) : std::string();
}

}  // namespace kelp::host
