// SPDX-License-Identifier: Apache-2.0
// Id maps, which the container has and a mount may have (config-linux.md, "User namespace mappings"). Inside
// oci/ only.
#pragma once

#include <optional>

#include "oci/section.h"
#include "spec/ids.h"

namespace kelp::oci {

// Nothing where neither is there; both must be.
std::optional<ExplicitIds> id_maps_of(const Section& section, const char* users, const char* groups);

}  // namespace kelp::oci
