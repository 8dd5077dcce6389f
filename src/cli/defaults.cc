// SPDX-License-Identifier: Apache-2.0
// The defaults of `kelp run`.
#include "cli/defaults.h"

#include <linux/capability.h>

#include "base/text.h"

namespace kelp::cli {
namespace {

constexpr std::string_view kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

}  // namespace

CapabilityMask default_capabilities() {
  CapabilityMask mask = 0;
  for (const unsigned number :
       {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_NET_BIND_SERVICE, CAP_SETFCAP,
        CAP_SETGID, CAP_SETPCAP, CAP_SETUID, CAP_SYS_CHROOT}) {
    mask |= CapabilityMask{1} << number;
  }
  return mask;
}

Spec bare_defaults(const Surroundings& around) {
  Spec spec;
  spec.mask_real_root = true;
  spec.lock_mounts = true;
  Command& command = spec.command;
  command.environment.from_root = true;
  command.environment.entries = {std::string(kPath), "LANG=C.UTF-8"};
  const auto term = variable(around, "TERM");
  if (around.has_terminal && term) command.environment.entries.push_back(cat("TERM=", *term));
  const auto shell = variable(around, "SHELL");
  if (shell && shell->starts_with('/')) command.default_shell = *shell;
  command.capabilities.root = default_capabilities();
  command.new_privileges = false;
  spec.seccomp.filters = {{.what = BuiltInFilter::kDefault, .origin = {}}};
  spec.fake_root.mode = FakeRootMode::kAuto;
  command.pid1 = Pid1::kCommand;
  command.terminal = TerminalMode::kAuto;
  command.new_session = true;
  command.umask = 022;
  command.new_keyring = true;
  command.die_with_parent = true;
  return spec;
}

Spec run_defaults(const Surroundings& around) {
  Spec spec = bare_defaults(around);
  for (const Namespace kind : {Namespace::kPid, Namespace::kIpc, Namespace::kUts, Namespace::kCgroup}) {
    spec.new_namespaces.add(kind);
  }
  spec.command.pid1 = Pid1::kReaper;
  return spec;
}

std::vector<Mount> default_mounts(const DefaultMounts& wanted) {
  std::vector<Mount> mounts;
  const auto add = [&](MountKind what, const Origin& origin) {
    mounts.push_back({.what = std::move(what), .origin = origin});
  };
  if (wanted.proc) add(Proc{.to = "/proc", .mode = *wanted.proc}, wanted.proc_origin);
  if (wanted.dev) add(Devices{.to = "/dev"}, wanted.dev_origin);
  if (wanted.sys) add(Sysfs{.to = "/sys"}, wanted.sys_origin);
  if (wanted.sys && wanted.cgroup) add(Cgroup{.to = "/sys/fs/cgroup", .optional = true}, wanted.sys_origin);
  if (wanted.temporary) {
    add(Tmpfs{.to = "/tmp", .mode = 01777}, wanted.temporary_origin);
    add(Tmpfs{.to = "/var/tmp", .mode = 01777}, wanted.temporary_origin);
    add(Tmpfs{.to = "/run", .mode = 0755}, wanted.temporary_origin);
  }
  if (wanted.resolv_conf) mounts.push_back(*wanted.resolv_conf);
  if (wanted.hosts) mounts.push_back(*wanted.hosts);
  return mounts;
}

}  // namespace kelp::cli
