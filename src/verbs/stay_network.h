// SPDX-License-Identifier: Apache-2.0
// --network=container:NAME.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/surroundings.h"

namespace kelp::verbs {

// Opens the namespaces of a container that stays and runs, proven to be its own. The descriptors behind the
// paths are added to `fds`, and stay open.
Result<cli::ContainerNetwork> network_of(const std::string& name, std::vector<int>& fds);

}  // namespace kelp::verbs
