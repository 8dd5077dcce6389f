// SPDX-License-Identifier: Apache-2.0
// `kelp run` of a container that has a name (-d, --name).
#pragma once

#include "cli/memory.h"
#include "cli/run.h"
#include "verbs/start_spec.h"

namespace kelp::verbs {

// With --detach a kelp of its own holds the container, and we only tell the name. The result is kelp's exit
// status.
int run_staying(cli::RunRequest request, const cli::Memory& memory, StartOptions options);

}  // namespace kelp::verbs
