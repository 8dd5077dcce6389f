// SPDX-License-Identifier: Apache-2.0
// What --explain and --dry-run print, as kelp-run(1) describes it: a plan, and what its start made in the
// root.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"

namespace kelp::verbs {

std::string plan_text(const plan::Plan& plan, bool as_json);

// The mount points that were made in the root; as JSON an object of its own after the plan's.
std::string made_text(const std::vector<std::string>& made, bool as_json);

// What is not enforced, with nothing in it that a terminal would act on.
std::vector<std::string> gaps_in_print(const plan::Policy& policy);

}  // namespace kelp::verbs
