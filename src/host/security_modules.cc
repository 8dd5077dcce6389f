// SPDX-License-Identifier: Apache-2.0
// Which security modules this machine has; see security_modules.h.
// Runs in: parent.
#include "host/security_modules.h"

namespace kelp::host {

bool has_apparmor(const Machine& machine) {
  return machine.read("/sys/module/apparmor/parameters/enabled").value_or("").starts_with('Y');
}

bool has_selinux(const Machine& machine) { return machine.exists("/sys/fs/selinux/enforce"); }

}  // namespace kelp::host
