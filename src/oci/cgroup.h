// SPDX-License-Identifier: Apache-2.0
// linux.cgroupsPath and linux.resources: the container's cgroup, in the terms of cgroup version 2. Inside
// oci/ only.
#pragma once

#include "oci/sections.h"

namespace kelp::oci {

void read_cgroup(const Section& linux, Draft& draft);

}  // namespace kelp::oci
