// SPDX-License-Identifier: Apache-2.0
// Writes the id maps of a child that waits for them (user_namespaces(7)).
// Runs in: parent.
#pragma once

#include "base/result.h"
#include "plan/plan.h"
#include "sys/process.h"

namespace kelp::launch {

// By kelp itself, or by newuidmap and newgidmap side by side. The child has not been waited for, so its pid
// cannot have been given to another process.
Status write_id_maps(const plan::IdMaps& maps, const sys::Process& child);

}  // namespace kelp::launch
