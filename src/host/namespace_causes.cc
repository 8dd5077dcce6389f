// SPDX-License-Identifier: Apache-2.0
// Single causes of refused namespaces and rights; see namespace_causes.h.
// Runs in: parent.
#include "host/namespace_causes.h"

#include <linux/capability.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "host/id_facts.h"

namespace kelp::host {
namespace {

constexpr std::string_view kSwitch = "/proc/sys/kernel/unprivileged_userns_clone";
constexpr std::string_view kAppArmorSwitch = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";

std::string mend_by_sysctl(std::string_view assignment) {
  return cat("sudo sysctl -w ", assignment, "  (to keep it: echo ", assignment,
             " | sudo tee /etc/sysctl.d/50-kelp.conf)");
}

// "kelp (enforce)" or "unconfined"; empty without AppArmor. The file without the directory may be SELinux's.
std::string apparmor_label(const Machine& machine) {
  std::optional<std::string> text = machine.read("/proc/self/attr/apparmor/current");
  if (!text && machine.exists("/sys/module/apparmor")) text = machine.read("/proc/self/attr/current");
  if (!text) return {};
  const std::string_view line =
      std::string_view(*text).substr(0, text->find_first_of(std::string_view("\n\0", 2)));
  return std::string(line);
}

std::string mend_of_seccomp(const Machine& machine) {
  const std::string engine = machine.outer_engine();
  if (engine == "kubernetes") {
    return "in the pod's securityContext set seccompProfile: {type: Unconfined} (or a Localhost profile that "
           "allows "
           "clone, unshare, mount and pivot_root), or hostUsers: false where the cluster has it";
  }
  if (engine == "docker" || engine == "podman") {
    return cat("start the outer container with `", engine,
               " run --security-opt seccomp=unconfined`, or with a profile "
               "that allows clone, unshare, mount and pivot_root");
  }
  return "start the outer container or service with a seccomp filter that allows clone, unshare, mount and "
         "pivot_root";
}

}  // namespace

std::optional<Cause> no_kernel_support(const Machine& machine) {
  if (!machine.exists("/proc/self") || machine.exists("/proc/self/ns/user")) return std::nullopt;
  return Cause{.why = "this kernel was built without user namespaces",
               .mend = "boot a kernel with CONFIG_USER_NS=y"};
}

std::optional<Cause> switched_off(const Machine& machine) {
  if (machine.setting(kSwitch) != std::uint64_t{0} || machine.has_capability(CAP_SYS_ADMIN))
    return std::nullopt;
  return Cause{.why = "kernel.unprivileged_userns_clone is 0: only root may make user namespaces",
               .mend = mend_by_sysctl("kernel.unprivileged_userns_clone=1")};
}

std::optional<Cause> limit_of_namespaces(const Machine& machine) {
  static constexpr std::array<std::string_view, 6> kKinds = {"user", "mnt", "pid", "ipc", "uts", "cgroup"};
  for (const std::string_view kind : kKinds) {
    const std::string name = cat("user.max_", kind, "_namespaces");
    if (machine.setting(cat("/proc/sys/user/max_", kind, "_namespaces")) != std::uint64_t{0}) continue;
    return Cause{.why = cat(name, " is 0: nobody may make such a namespace"),
                 .mend = mend_by_sysctl(cat(name, "=15000"))};
  }
  return std::nullopt;
}

std::optional<Cause> restricted_by_apparmor(const Machine& machine) {
  const std::string label = apparmor_label(machine);
  if (label.empty()) return std::nullopt;
  const bool is_unconfined = label.starts_with("unconfined");
  if (is_unconfined && machine.setting(kAppArmorSwitch).value_or(0) == 0) return std::nullopt;
  if (is_unconfined) {
    if (machine.has_capability(CAP_SYS_ADMIN)) return std::nullopt;
    return Cause{.why =
                     "kernel.apparmor_restrict_unprivileged_userns is 1: AppArmor gives no rights in a user "
                     "namespace to a program without a profile that has the `userns` rule",
                 .mend =
                     "load such a profile for kelp (kelp-doctor(1) has one), or "
                     "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"};
  }
  // A profile may well allow all of it: only a complaint-free one is out of the question.
  if (label.ends_with("(complain)") || label.ends_with("(unconfined)")) return std::nullopt;
  return Cause{
      .why = cat("the AppArmor profile ", printable(label), " confines this process"),
      .mend = machine.outer_engine().empty()
                  ? "add `userns,`, `mount,`, `umount,`, `pivot_root,` and `capability,` to that profile"
                  : cat("start the outer container with --security-opt apparmor=unconfined")};
}

std::optional<Cause> restricted_by_seccomp(const Machine& machine) {
  if (machine.status("Seccomp") != "2") return std::nullopt;
  return Cause{.why = "a seccomp filter set from outside refuses it", .mend = mend_of_seccomp(machine)};
}

std::optional<Cause> mounts_restricted_by_seccomp(const Machine& machine) {
  if (!machine.mount_is_filtered || !machine.mount_is_filtered()) return std::nullopt;
  return restricted_by_seccomp(machine);
}

std::optional<Cause> mounts_restricted_by_landlock(const Machine& machine) {
  if (!machine.landlock_forbids_mounts || !machine.landlock_forbids_mounts()) return std::nullopt;
  return Cause{.why = "this process is in a Landlock domain, and one with file rules forbids every mount",
               .mend = "start it outside of that domain (an outer kelp: without --landlock=files)"};
}

std::optional<Cause> in_a_chroot(const Machine& machine) {
  const std::vector<MountEntry> mounts = machine.mounts();
  // A chroot to a plain directory: what is mounted on the real root cannot be seen from here.
  if (mounts.empty() ||
      std::ranges::any_of(mounts, [](const MountEntry& m) { return m.mount_point == "/"; })) {
    return std::nullopt;
  }
  return Cause{.why = "this process runs in a chroot, where the kernel gives no user namespace",
               .mend = "enter that directory with `kelp run DIR` or by pivot_root instead of chroot"};
}

std::optional<Cause> own_id_not_mapped(const Machine& machine) {
  const std::optional<std::string> text = machine.read("/proc/self/uid_map");
  if (!text) return std::nullopt;
  const Ranges own = read_id_map(*text);
  if (!within({{.first = machine.uid, .count = 1}}, own).empty()) return std::nullopt;
  return Cause{.why = cat("uid ", machine.uid,
                          " of this process has no place in its own user namespace (/proc/self/uid_map)"),
               .mend = "start kelp as a user that the outer container maps"};
}

std::optional<Cause> limit_of_processes(const Machine& machine) {
  // A limit of the user's slice binds every session below it.
  for (const std::string& cgroup : machine.cgroup_levels()) {
    const std::optional<std::uint64_t> most = machine.setting(cat(cgroup, "/pids.max"));
    if (!most || machine.setting(cat(cgroup, "/pids.current")).value_or(0) < *most) continue;
    return Cause{.why = cat("the cgroup ", printable(cgroup), " holds all ", *most,
                            " processes that it may (pids.max)"),
                 .mend = "end some processes, or raise TasksMax= of that unit"};
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NPROC, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return Cause{
      .why = cat("the limit of processes of this user is ", std::uint64_t{limit.rlim_cur}, " (ulimit -u)"),
      .mend = "end some processes, or raise the limit (ulimit -u, /etc/security/limits.conf)"};
}

std::optional<Cause> limit_of_descriptors(const Machine& /*machine*/) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return Cause{.why = cat("the limit of open descriptors is ", std::uint64_t{limit.rlim_cur}, " (ulimit -n)"),
               .mend = "close some, or raise the limit (ulimit -n, /etc/security/limits.conf)"};
}

// The kernel itself never answers so.
std::optional<Cause> keys_restricted_by_seccomp(const Machine& machine) {
  if (machine.status("Seccomp") != "2") return std::nullopt;
  return Cause{.why = "a seccomp filter set from outside refuses keyctl",
               .mend =
                   "allow it there (systemd: no ~@keyring in SystemCallFilter=), or leave kelp's default "
                   "filter on, with which no key can be reached"};
}

std::optional<Cause> root_without_setfcap(const Machine& machine) {
  if (machine.uid != 0 || machine.has_capability(CAP_SETFCAP)) return std::nullopt;
  return Cause{
      .why = "root without CAP_SETFCAP may not make a user namespace that maps uid 0 (since Linux 5.12)",
      .mend =
          "start kelp with CAP_SETFCAP (outer container: --cap-add SETFCAP; systemd: "
          "CapabilityBoundingSet=), or as an ordinary user"};
}

std::optional<Cause> root_is_initramfs(const Machine& machine) {
  for (const MountEntry& mount : machine.mounts()) {
    if (mount.mount_point == "/" && mount.type != "rootfs") return std::nullopt;
  }
  return Cause{.why = "the root of this machine is its initramfs, which cannot be pivoted away",
               .mend = "copy it to a tmpfs and switch_root there first"};
}

}  // namespace kelp::host
