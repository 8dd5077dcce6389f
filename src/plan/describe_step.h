// SPDX-License-Identifier: Apache-2.0
// A step of the child in words: what --explain prints of it. Inside plan/ only.
#pragma once

#include <span>
#include <string>

#include "plan/plan.h"

namespace kelp::plan {

// `sources` are those that the plan opens, by which a step names what it binds.
std::string step_text(const Action& what, std::span<const Source> sources);

}  // namespace kelp::plan
