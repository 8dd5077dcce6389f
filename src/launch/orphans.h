// SPDX-License-Identifier: Apache-2.0
// Where no pid namespace ends what the command leaves behind: kelp takes it in, and ends it.
// Runs in: parent.
#pragma once

#include "base/result.h"

namespace kelp::launch {

// From now on whoever loses its parent below us becomes our child. An error where they could not be found
// again: /proc is not there, or the kernel tells no children (CONFIG_PROC_CHILDREN).
Status adopt_orphans();

// Takes the ends of those that have ended meanwhile, up to that of `command`, which is for others to take.
void reap_orphans(int command);

// Ends every child, and what then becomes one, until none is left. Only when nothing of kelp's own is among
// them.
void end_orphans();

}  // namespace kelp::launch
