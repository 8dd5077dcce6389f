// SPDX-License-Identifier: Apache-2.0
// The seccomp profiles of a Spec become programs: the one place where something is compiled at a start, and
// only where a profile was given.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "spec/seccomp.h"

namespace kelp::verbs {

// Gives warnings: calls that the installed libseccomp is too old for, which get the profile's default answer.
// Only what is allowed may be left out so; a refusal that cannot be compiled is an error.
Result<std::vector<std::string>> compile_profiles(Seccomp& seccomp);

}  // namespace kelp::verbs
