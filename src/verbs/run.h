// SPDX-License-Identifier: Apache-2.0
// `kelp run`: a command in a root file system.
#pragma once

#include <span>
#include <string>

namespace kelp::verbs {

// args: what follows `run`. The result is kelp's exit status.
int run(std::span<const std::string> args);

}  // namespace kelp::verbs
