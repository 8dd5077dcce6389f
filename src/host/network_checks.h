// SPDX-License-Identifier: Apache-2.0
// Whether a container's own network can be connected.
// Runs in: parent.
#pragma once

#include "host/checks.h"

namespace kelp::host {

Finding check_network(const Situation& at);

}  // namespace kelp::host
