// SPDX-License-Identifier: Apache-2.0
// Whether the ports of the host that are to lead into a container are to be had.
// Runs in: parent.
#pragma once

#include <vector>

#include "base/result.h"
#include "plan/network.h"

namespace kelp::launch {

// Binds each for a moment. Somebody may still be quicker before the helper has it.
Status try_ports(const std::vector<PublishedPorts>& ports);

}  // namespace kelp::launch
