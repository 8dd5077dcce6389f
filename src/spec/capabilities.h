// SPDX-License-Identifier: Apache-2.0
// Capabilities by name (capabilities(7)), as bits of a mask.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kelp {

using CapabilityMask = std::uint64_t;  // bit N: capability number N

// Every set of a process (capabilities(7)), as it is right before its execve.
struct CapabilitySets {
  CapabilityMask bounding = 0;
  CapabilityMask effective = 0;
  CapabilityMask permitted = 0;
  CapabilityMask inheritable = 0;
  CapabilityMask ambient = 0;
  bool operator==(const CapabilitySets&) const = default;
};

// "chown", "CAP_CHOWN", "Cap_Chown" → its bit; "all" → every bit; nothing for an unknown name.
std::optional<CapabilityMask> read_capability(std::string_view name);

// "chown,kill" for a mask; unknown bits as numbers; "none" and "all" where that is shorter.
std::string capability_names(CapabilityMask mask);

// Every capability that kelp has a name for.
CapabilityMask all_capabilities();

}  // namespace kelp
