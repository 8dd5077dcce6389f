// SPDX-License-Identifier: Apache-2.0
// What a start could have here, tried for real by a throw-away process (trial.h). Runs in: parent.
#pragma once

#include "base/result.h"
#include "host/facts.h"
#include "host/machine.h"
#include "host/trial.h"

namespace kelp::host {

Result<LadderFacts> probe_ladder();

// Of a trial that went so: what is missing, why, and what would lift it.
LadderFacts ladder_of(const Trial& trial, const Machine& machine);

}  // namespace kelp::host
