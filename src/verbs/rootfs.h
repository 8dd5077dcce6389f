// SPDX-License-Identifier: Apache-2.0
// `kelp rootfs`: a small root file system from the host's own programs.
#pragma once

#include <span>
#include <string>

namespace kelp::verbs {

// args: what follows `rootfs`. Gives the exit status: 0, or 125.
int rootfs(std::span<const std::string> args);

}  // namespace kelp::verbs
