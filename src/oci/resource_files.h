// SPDX-License-Identifier: Apache-2.0
// How the controllers of linux.resources are read, one function each. Inside oci/ only.
#pragma once

#include <string>
#include <utility>

#include "oci/resources.h"
#include "oci/section.h"

namespace kelp::oci {

// Adds a file for a member of a section.
inline void add_file(CgroupSettings& into, const Section& section, std::string_view key, CgroupFile file) {
  file.origin = {section.path_of(key)};
  into.files.push_back(std::move(file));
}

void read_memory(const Section& resources, CgroupSettings& into);
void read_cpu(const Section& resources, CgroupSettings& into);
void read_block_io(const Section& resources, CgroupSettings& into);
void read_device_rules(const Section& resources, CgroupSettings& into);
CgroupSettings settings_of(const Section& resources);

}  // namespace kelp::oci
