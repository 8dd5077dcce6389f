// SPDX-License-Identifier: Apache-2.0
// The flags of `podman run` and `docker run` that `kelp run` lacks.
#pragma once

#include <span>

#include "cli/flags.h"

namespace kelp::cli {

// Each with the reason, and what to write instead where there is something.
std::span<const Lack> run_lacks();

}  // namespace kelp::cli
