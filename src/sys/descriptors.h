// SPDX-License-Identifier: Apache-2.0
// The table of descriptors as a whole: what is inherited, what is closed, how many there may be.
// Runs in: both.
#pragma once

#include <vector>

#include "base/result.h"

namespace kelp::sys {

// Closes every descriptor but those named (sorted).
void close_all_but(const std::vector<int>& sorted_fds);
// Sets close-on-exec on every descriptor above 2 but those named (sorted), which lose it.
Status keep_over_exec(const std::vector<int>& sorted_fds);

// Every descriptor that is open, sorted: by /proc, else one by one.
std::vector<int> open_descriptors();

// Opens /dev/null on whichever of 0, 1 and 2 is closed, so that no other file gets such a number.
Status fill_standard_streams();

}  // namespace kelp::sys
