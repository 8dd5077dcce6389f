// SPDX-License-Identifier: Apache-2.0
// The defaults of `kelp run`: the one place that holds them (the table "Defaults" of kelp-run(1)).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/surroundings.h"
#include "spec/spec.h"

namespace kelp::cli {

// Safe, and still useful: what a container is when no flag says otherwise. Without mounts.
Spec run_defaults(const Surroundings& around);

// --bare: no new namespaces but user and mount, and no reaper; privileges, descriptors and environment as
// above.
Spec bare_defaults(const Surroundings& around);

// What decides about the mounts that kelp makes by itself.
struct DefaultMounts {
  std::optional<ProcMode> proc = ProcMode::kAuto;  // none: no /proc
  Origin proc_origin = {};
  bool sys = true;
  Origin sys_origin = {};
  bool cgroup = true;  // /sys/fs/cgroup: only of a cgroup namespace of its own
  bool dev = true;
  Origin dev_origin = {};
  bool temporary = false;  // tmpfs on /tmp, /var/tmp and /run: a read-only root is of no use without
  Origin temporary_origin = {};
  std::optional<Mount> resolv_conf, hosts;
};
std::vector<Mount> default_mounts(const DefaultMounts& wanted);

// The capabilities that package managers need of root.
CapabilityMask default_capabilities();

}  // namespace kelp::cli
