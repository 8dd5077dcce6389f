// SPDX-License-Identifier: Apache-2.0
// Fills Facts: exactly what Needs names, with the fewest system calls, since every start pays for them. Why
// something is not as it should be is not asked here but after a failure (causes.h).
// Runs in: parent.
#pragma once

#include "base/result.h"
#include "host/facts.h"

namespace kelp::host {

// The caller, the standard streams and kelp's own file are always read. A path that cannot be looked at is a
// HostFile with its error, not an Error: only the plan knows whether it matters.
Result<Facts> probe(const Needs& needs);

}  // namespace kelp::host
