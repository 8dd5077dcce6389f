// SPDX-License-Identifier: Apache-2.0
// `kelp doctor`: what this machine has of what a start needs, and how to mend what is missing.
#pragma once

#include <span>
#include <string>

namespace kelp::verbs {

// args: what follows `doctor`. Gives the exit status: 0 full strength, 1 something is missing, 125 it could
// not look.
int doctor(std::span<const std::string> args);

}  // namespace kelp::verbs
