// SPDX-License-Identifier: Apache-2.0
// linux.resources as the files of a cgroup of version 2 (config-linux.md, "Control groups"; the kernel's
// admin-guide/cgroup-v2). What version 2 has no file for is refused, as the specification asks.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/managed_cgroup.h"

namespace kelp::oci {

struct CgroupSettings {
  std::vector<CgroupFile> files;    // in the order in which they are written
  std::vector<DeviceRule> devices;  // with those that every container may use at the end; empty: all may be
  bool operator==(const CgroupSettings&) const = default;
};

// The object alone: what `update --resources FILE` is given.
Result<CgroupSettings> read_resources_document(std::string_view text);

}  // namespace kelp::oci
