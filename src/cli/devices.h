// SPDX-License-Identifier: Apache-2.0
// Device nodes of the host as mounts of a container. They are bound, since none can be made in a user
// namespace: what may be done with one is what its own permissions allow.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/surroundings.h"
#include "spec/mounts.h"

namespace kelp::cli {

struct DeviceRequest {
  std::string from;
  std::string to;
  std::string typed;           // how a refusal calls what was asked for
  bool may_be_closed = false;  // one of many: a node that the caller may not open is shared all the same
};

// The node `from` at `to`; or where it is a directory all nodes below it, as Docker has it, but for those of
// terminals and of kelp's own mounts in /dev.
Result<std::vector<Mount>> device_mounts(const DeviceRequest& request, const Surroundings& around);

// Why kelp does not do what the letters r, w and m ask for; empty: it does. Making nodes (m) is refused by
// the kernel to everybody in a user namespace, so that asking for it gives nothing.
std::string trouble_with_permissions(std::string_view letters);

// Appends what is not there yet: a node may be named by a flag and by several entries of a CDI file. Refuses
// two devices on one path.
Status add_devices(std::vector<Mount> devices, std::vector<Mount>& mounts);

}  // namespace kelp::cli
