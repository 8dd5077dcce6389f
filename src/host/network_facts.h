// SPDX-License-Identifier: Apache-2.0
// What is here to connect the network of a container with.
// Runs in: parent.
#pragma once

#include "base/result.h"
#include "host/causes.h"
#include "host/facts.h"

namespace kelp::host {

// What such a program makes the container's device with.
inline constexpr const char* kTunnelDevice = "/dev/net/tun";
// Why it may not be opened, in words and what mends it.
Cause no_tunnel(int error);

// A shortage is an error; what cannot be read is empty.
Result<NetworkFacts> probe_network();

}  // namespace kelp::host
