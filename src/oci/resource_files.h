// SPDX-License-Identifier: Apache-2.0
// linux.resources as the files of a cgroup of version 2 (config-linux.md, "Control groups"; the kernel's
// admin-guide/cgroup-v2), a function a controller. What version 2 has no file for is refused, as the
// specification asks. Inside oci/ only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "oci/section.h"
#include "spec/managed_cgroup.h"

namespace kelp::oci {

struct CgroupSettings {
  std::vector<CgroupFile> files;    // in the order in which they are written
  std::vector<DeviceRule> devices;  // with those that every container may use at the end; empty: all may be
};

// Adds a file for a member of a section.
inline void add_file(CgroupSettings& into, const Section& section, std::string_view key, CgroupFile file) {
  file.origin = {section.path_of(key)};
  into.files.push_back(std::move(file));
}

void read_memory(const Section& resources, CgroupSettings& into);
void read_cpu(const Section& resources, CgroupSettings& into);
void read_block_io(const Section& resources, CgroupSettings& into);
void read_device_rules(const Section& resources, CgroupSettings& into);

}  // namespace kelp::oci
