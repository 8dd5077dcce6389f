// SPDX-License-Identifier: Apache-2.0
// CheckedSpec + Facts → Plan. Pure: takes values, calls nothing, so every decision is a unit test.
#pragma once

#include "base/result.h"
#include "host/facts.h"
#include "plan/plan.h"
#include "spec/check.h"

namespace kelp::plan {

// Which facts build() will look at. Nothing else is probed.
host::Needs needs(const CheckedSpec& spec);

// The rung that a default start stands on at best: on a directory as ROOT, or on `host`.
Rung best_rung(const host::LadderFacts& here, bool root_is_directory);

// Errors: what the Spec asks for and this machine cannot give, by name.
Result<Plan> build(const CheckedSpec& spec, const host::Facts& facts);

}  // namespace kelp::plan
