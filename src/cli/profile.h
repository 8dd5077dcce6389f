// SPDX-License-Identifier: Apache-2.0
// --profile: flags from a file, one a line (kelp-profile(5)). They take the place of the flag that named it,
// so that what follows on the command line adds to them or wins.
#pragma once

#include <vector>

#include "cli/flags.h"
#include "cli/surroundings.h"

namespace kelp::cli {

// The flags with those of the profiles in the place of each --profile. What was typed for a flag of a
// profile is told as "FILE:LINE: --flag value", and a refusal names FILE:LINE.
Result<std::vector<Given>> with_profiles(std::vector<Given> given, const Surroundings& around);

}  // namespace kelp::cli
