// SPDX-License-Identifier: Apache-2.0
// One more process in a container that runs: what `exec` starts.
#pragma once

#include "oci/config.h"
#include "spec/foreign.h"

namespace kelp::oci {

// The Spec of the process of this configuration, which is the container's own with another `process`
// (edited.h), in the container. Of all that made the container, the filters and what linux says of every
// process are left.
Spec exec_spec(Config config, EnteredContainer entered);

}  // namespace kelp::oci
