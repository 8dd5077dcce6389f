// SPDX-License-Identifier: Apache-2.0
// Writes the id maps of a child that waits for them (user_namespaces(7)).
// Runs in: parent.
#pragma once

#include <sys/types.h>

#include <functional>
#include <span>

#include "base/result.h"
#include "plan/plan.h"

namespace kelp::launch {

// How a helper is waited for, which may hang: until one of the descriptors can be read, and which
// (wait_for_any()). An error ends the helpers.
using Patience = std::function<Result<std::size_t>(std::span<const int> fds)>;

// By kelp itself, or by newuidmap and newgidmap side by side. The child has not been waited for, so its pid
// cannot have been given to another process.
Status write_id_maps(const plan::IdMaps& maps, pid_t child, const Patience& patience);

}  // namespace kelp::launch
