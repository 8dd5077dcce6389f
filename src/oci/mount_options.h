// SPDX-License-Identifier: Apache-2.0
// The options of a mount (config.md, "Linux mount options") as what mount(2) and mount_setattr(2) take.
// Inside oci/ only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spec/mounts.h"

namespace kelp::oci {

struct MountOptions {
  enum class Bind { kNot, kAlone, kRecursive };
  Bind bind = Bind::kNot;
  bool is_remount = false;
  bool copy_up = false;
  enum class IdMapped { kNot, kAlone, kRecursive };
  IdMapped id_mapped = IdMapped::kNot;
  AttributeChange attributes = {};
  AttributeChange recursive_attributes = {};
  std::vector<PropagationChange> propagation = {};
  std::uint64_t flags = 0;  // as PlainMount::flags
  std::string data = {};    // what is none of these, with commas between
  bool operator==(const MountOptions&) const = default;
};

MountOptions read_mount_options(const std::vector<std::string>& options);

// Every word that is known, sorted: what `features` tells.
std::vector<std::string_view> mount_option_names();

}  // namespace kelp::oci
