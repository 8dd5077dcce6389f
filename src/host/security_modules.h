// SPDX-License-Identifier: Apache-2.0
// Which security modules this machine has, that give processes and files labels. Runs in: parent.
#pragma once

#include "host/machine.h"

namespace kelp::host {

// It is in the kernel, and switched on.
bool has_apparmor(const Machine& machine);
// The same, and a policy is loaded: its file system is mounted where everybody looks for it.
bool has_selinux(const Machine& machine);

}  // namespace kelp::host
