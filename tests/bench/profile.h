// SPDX-License-Identifier: Apache-2.0
// Where a start of kelp spends its time: not a number to compare, but something to look at.
#pragma once

#include "command.h"

namespace kelp::bench {

// Prints, for the rows `minimal` and `full`: system calls by number (strace), what the dynamic loader did,
// and the instructions that kelp executes before it clones (callgrind on --dry-run). A missing tool is said.
void print_profile(const Scene& scene, const Programs& programs);

}  // namespace kelp::bench
