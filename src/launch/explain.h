// SPDX-License-Identifier: Apache-2.0
// Failures of a start in the user's words: which step, asked for by what, and the cause where it is
// established. Looks at the machine only after something has failed. Runs in: parent.
#pragma once

#include <string>

#include "base/error.h"
#include "child/report.h"
#include "plan/plan.h"

namespace kelp::launch {

// What the child reported, with the origin of its step.
Error explain(const plan::Plan& plan, const child::Report& report);

// What kelp-exec reported: the path that it was to execute, or it could not even try.
Error explain_not_executed(const plan::Plan& plan, const child::Report& report, const std::string& path);

// The same of a container that was left waiting (leave.h).
Error explain_not_begun(const child::Report& report, const std::string& path);

// A clone that the kernel refused.
Error explain_clone(Error error);

// Id maps that could not be written.
Error explain_maps(const plan::Plan& plan, Error error);

}  // namespace kelp::launch
