// SPDX-License-Identifier: Apache-2.0
// The descriptor of a filter that passes system calls on, on its way from the child to who answers them.
// Runs in: parent.
#pragma once

#include "base/result.h"
#include "launch/start.h"
#include "plan/plan.h"

namespace kelp::launch {

// Takes it from the child, which waits for "go" then, and sends it with the document. A child that ends
// first, or reports why it has none, is no error of this: its report comes next.
Status pass_listener_on(const SeccompListener& listener, Running& running);

}  // namespace kelp::launch
