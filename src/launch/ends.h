// SPDX-License-Identifier: Apache-2.0
// What connects parent and child during a start: both ends of each, until the clone parts them.
// Runs in: both.
#pragma once

#include "base/result.h"
#include "launch/start.h"
#include "plan/plan.h"
#include "sys/pipe.h"

namespace kelp::launch {

struct Ends {
  sys::Pipe go;
  sys::Pipe report;
  sys::SocketPair status;
  sys::SocketPair notify;  // invalid where no filter notifies
  sys::Pipe namespaces;    // of the child; invalid where nobody asks
};

Result<Ends> make_ends(const plan::Plan& plan, const AtBirth& at_birth);

// In the child, which tells of its namespaces where somebody asks.
void leave_ends_to_parent(Ends& ends);

}  // namespace kelp::launch
