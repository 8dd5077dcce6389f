// SPDX-License-Identifier: Apache-2.0
// Network devices of the machine's that go into a container (config-linux.md, "Network Devices").
// Runs in: parent.
#pragma once

#include <sys/types.h>

#include <vector>

#include "base/result.h"
#include "plan/plan.h"

namespace kelp::launch {

// Into the network namespace of that process, each with its name inside, and up. The kernel takes a device's
// addresses away when it changes its namespace.
Status move_net_devices(const std::vector<MovedNetDevice>& devices, pid_t container);

}  // namespace kelp::launch
