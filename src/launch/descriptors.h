// SPDX-License-Identifier: Apache-2.0
// The descriptors that a start was given by the caller: which may be passed on, who keeps them, and how many
// there may be.
// Runs in: parent.
#pragma once

#include "base/result.h"
#include "child/play.h"
#include "plan/plan.h"

namespace kelp::launch {

// Refuses those that cannot be what the plan wants of them.
Status check_descriptors(const plan::Plan& plan);

// Above 2.
void close_all_that_nobody_named(const plan::Plan& plan);

// Descriptors that the command gets are its own: whoever reads the other end of a pipe must see its end when
// the command closes it.
void close_all_of_child(const plan::Plan& plan);

// Set-up may need many at once; the command gets the caller's own limit, the result, back.
Result<child::DescriptorLimit> raise_descriptor_limit();

}  // namespace kelp::launch
