// SPDX-License-Identifier: Apache-2.0
// Everything that a start depends on; see checks.h.
// Runs in: parent.
#include "host/checks.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "host/file_causes.h"
#include "host/id_checks.h"
#include "host/namespace_causes.h"
#include "host/network_checks.h"
#include "host/probe.h"
#include "sys/failure.h"

namespace kelp::host {
namespace {

// The outcome of a step that was tried for real.
Finding of_trial(const Situation& at, Failed what, Condition otherwise, std::string_view good,
                 std::string_view bad) {
  const std::optional<int> code = at.trial.outcome(what);
  if (!code)
    return {.condition = otherwise,
            .fact = "not tried, since something that it needs failed",
            .why = {},
            .mend = {}};
  if (*code == 0) return ok(std::string(good));
  std::optional<Cause> cause = find_cause(what, *code, at.machine);
  if (!cause) cause = Cause{.why = cat("the kernel answers \"", sys::reason_of(*code), "\""), .mend = {}};
  return less(otherwise, std::string(bad), std::move(cause));
}

Finding kernel(const Situation& at) {
  const std::string shown = cat("Linux ", printable(at.machine.release));
  std::optional<Cause> cause = kernel_too_old(at.machine);
  if (!cause) return ok(shown);
  return {.condition = Condition::kMissing,
          .fact = shown,
          .why = std::move(cause->why),
          .mend = std::move(cause->mend)};
}

Finding user_namespace(const Situation& at) {
  return of_trial(at, Failed::kClone, Condition::kMissing, "they can be made", "they cannot be made");
}

// AppArmor may let the namespace be made and give no rights in it: the map or the first mount then tells.
Finding rights(const Situation& at) {
  Finding ids = of_trial(at, Failed::kIdMap, Condition::kMissing, "", "no id can be mapped");
  if (ids.condition != Condition::kOk) return ids;
  return of_trial(at, Failed::kFirstMount, Condition::kMissing, "ids can be mapped and file systems mounted",
                  "nothing can be mounted");
}

Finding other_namespaces(const Situation& at) {
  return of_trial(at, Failed::kNamespaces, Condition::kMissing, "mount, pid, ipc, uts, cgroup and network",
                  "they cannot be made");
}

Finding seccomp(const Situation& at) {
  const std::optional<Cause> filter = restricted_by_seccomp(at.machine);
  if (!filter) return ok("none");
  for (const Failed what : kTried) {
    const int code = at.trial.outcome(what).value_or(0);
    if (code == 0 || find_cause(what, code, at.machine) != filter) continue;
    return less(Condition::kMissing, "there is one, and it refuses what a start needs", filter);
  }
  return ok("there is one, and it is not in the way");
}

Finding proc(const Situation& at) {
  return of_trial(at, Failed::kProc, Condition::kMissing, "a container gets its own",
                  "a container gets none of its own");
}

Finding sysfs(const Situation& at) {
  return of_trial(at, Failed::kSysfs, Condition::kLimited,
                  "a container with a network of its own gets its own",
                  "a container gets the outer one, read-only");
}

// What a layer on disk mends: the mount works, and what is made again after its removal fails.
Finding overlay_on_disk(const Facts& facts) {
  if (facts.scratch_directory.empty()) {
    return {.condition = Condition::kLimited,
            .fact = "with a layer that you name only (--overlay=DIR)",
            .why = cat("before Linux 6.6 a throw-away layer must lie on disk: ",
                       printable(facts.no_scratch_because)),
            .mend = {}};
  }
  return {.condition = Condition::kLimited,
          .fact = cat("with a throw-away layer on disk, in ", printable(facts.scratch_directory)),
          .why = "tmpfs takes no user.* extended attributes on this kernel (since Linux 6.6 it does)",
          .mend = {}};
}

Finding overlay(const Situation& at) {
  if (at.trial.works(Failed::kOverlay)) return ok("with a throw-away layer in memory");
  const bool is_tried = at.trial.outcome(Failed::kOverlay).has_value();
  if (is_tried && !at.facts.tmpfs_takes_user_xattrs && !find_cause(Failed::kOverlay, 0, at.machine)) {
    return overlay_on_disk(at.facts);
  }
  return of_trial(at, Failed::kOverlay, Condition::kMissing, "",
                  "--overlay does not work, nor a root of kelp's own layer");
}

// An overlay over a directory with submounts: in a user namespace they are locked together.
Finding locked_mounts(const Situation& at) {
  std::string found;
  for (const MountEntry& mount : at.machine.mounts()) {
    for (const std::string_view directory : {"/usr/", "/etc/", "/opt/"}) {
      if (mount.mount_point.starts_with(directory))
        found += cat(found.empty() ? "" : ", ", printable(mount.mount_point));
    }
  }
  if (found.empty()) return ok("none in /usr, /etc or /opt");
  return {.condition = Condition::kLimited,
          .fact = cat("mounts inside of the host's userland: ", found),
          .why =
              "in a user namespace they cannot be taken away, so --overlay over a directory that holds one "
              "is refused",
          .mend = {}};
}

// The controllers of the place that `kelp run` would take.
const std::vector<std::string>& controllers_of(const CgroupFacts& facts) {
  const bool is_own = facts.own.is_writable && (facts.manager.bus_address.empty() || facts.own.is_delegated);
  if (!is_own) return facts.manager.controllers;
  return facts.own.holds_others && !facts.own.is_top ? facts.own.enabled : facts.own.controllers;
}

Finding cgroups(const Situation& at) {
  const CgroupFacts facts = at.facts.cgroups.value_or(CgroupFacts{});
  if (!facts.none_because.empty()) {
    return {.condition = Condition::kLimited,
            .fact = "--memory, --cpus, --pids-limit and their like are refused",
            .why = printable(facts.none_because),
            .mend = facts.mend};
  }
  const std::vector<std::string>& there = controllers_of(facts);
  std::string has;
  std::string lacks;
  for (const std::string_view one : {"memory", "cpu", "pids", "io"}) {
    std::string& list = std::ranges::find(there, one) != there.end() ? has : lacks;
    list += cat(list.empty() ? "" : ", ", one);
  }
  const std::string fact =
      cat("limits by ", has.empty() ? "no controller" : has, lacks.empty() ? "" : cat(", not by ", lacks));
  if (lacks.empty() || lacks == "io") return ok(fact);
  if (facts.manager.bus_address.empty() || facts.manager.is_system) {
    return {.condition = Condition::kLimited,
            .fact = fact,
            .why = cat("the cgroup ", printable(facts.own.directory), " does not have these controllers"),
            .mend = {}};
  }
  return {
      .condition = Condition::kLimited,
      .fact = fact,
      .why = "not all controllers are delegated to your systemd",
      .mend =
          "sudo mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\\nDelegate=cpu cpuset io "
          "memory pids\\n' | sudo tee /etc/systemd/system/user@.service.d/kelp.conf && sudo systemctl "
          "daemon-reload, then log in anew"};
}

Finding landlock(const Situation& at) {
  const std::optional<int> abi = at.facts.landlock_abi;
  if (!abi) {
    return {.condition = Condition::kLimited,
            .fact = "none",
            .why =
                "this kernel has no Landlock, or has it switched off (lsm= of its command line), so the "
                "host's abstract sockets can be reached where the network is shared",
            .mend = {}};
  }
  if (*abi >= 6) return ok(cat("ABI ", *abi));
  return {.condition = Condition::kLimited,
          .fact = cat("ABI ", *abi),
          .why =
              "scopes came with ABI 6 (Linux 6.12), so the host's abstract sockets can be reached where the "
              "network is shared",
          .mend = {}};
}

constexpr std::array kChecks = {
    Check{"kernel", kernel},
    Check{"user namespaces", user_namespace},
    Check{"rights in them", rights},
    Check{"other namespaces", other_namespaces},
    Check{"outer seccomp filter", seccomp},
    Check{"no_new_privs", check_no_new_privs},
    Check{"subordinate ids", check_subordinate_ids},
    Check{"newuidmap, newgidmap", check_id_helpers},
    Check{"file capabilities", check_file_capabilities},
    Check{"proc", proc},
    Check{"sysfs", sysfs},
    Check{"overlay", overlay},
    Check{"locked mounts", locked_mounts},
    Check{"cgroups", cgroups},
    Check{"landlock", landlock},
    Check{"network", check_network},
};

}  // namespace

Result<Situation> look_around() {
  Result<Facts> facts = probe({.ids = true,
                               .groups = true,
                               .cgroups = true,
                               .landlock = true,
                               .network = true,
                               .overlay_upper = true,
                               .home = true,
                               .files = {},
                               .links = {}});
  if (!facts) return facts.error();
  Result<Trial> trial = try_namespaces();
  if (!trial) return trial.error();
  return Situation{.machine = Machine::here(), .trial = *trial, .facts = std::move(*facts)};
}

std::span<const Check> all_checks() { return kChecks; }

}  // namespace kelp::host
