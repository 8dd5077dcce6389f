// SPDX-License-Identifier: Apache-2.0
// The answer to one call.
// Runs in: child (the supervisor).
#pragma once

#include "owners/caller.h"
#include "owners/calls.h"
#include "owners/memory.h"

namespace kelp::owners {

struct Answer {
  bool goes_on = false;  // to the kernel, as if nobody had asked
  int error = 0;         // else this; 0: success
};

Answer answer(const Caller& caller, const Call& call, Memory& memory);

}  // namespace kelp::owners
