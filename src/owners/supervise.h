// SPDX-License-Identifier: Apache-2.0
// The loop of the supervisor.
// Runs in: child (the supervisor).
#pragma once

#include "owners/memory.h"
#include "sys/unique_fd.h"

namespace kelp::owners {

// Answers what the listener tells of, until nobody is left who could call. The working directory must be the
// container's proc.
[[noreturn]] void supervise(sys::UniqueFd listener, Memory memory);

}  // namespace kelp::owners
