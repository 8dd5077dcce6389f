// SPDX-License-Identifier: Apache-2.0
// Capability sets as bit masks (bit N is capability N of capabilities(7)), applied through libcap.
// Runs in: both.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"

namespace kelp::sys {

using CapabilityMask = std::uint64_t;

// The effective set of this process.
Result<CapabilityMask> effective_capabilities();

// Drops every capability outside `keep` from the bounding set. Needs CAP_SETPCAP where anything is dropped.
Status limit_bounding_set(CapabilityMask keep);

// All four sets of the process at once. Ambient must be within inheritable and permitted (capabilities(7)).
struct CapabilitySets {
  CapabilityMask permitted = 0;
  CapabilityMask inheritable = 0;
  CapabilityMask ambient = 0;
  std::optional<CapabilityMask> effective = {};  // none: what is permitted
};
Status set_capabilities(const CapabilitySets& sets);

// Permitted and inheritable of this process as the kernel has them: a filter around us may answer capset(2)
// with success and do nothing (root emulation).
Result<CapabilitySets> held_capabilities();

// Makes every permitted capability effective.
Status use_permitted_capabilities();

// securebits(7) of prctl(2): SECBIT_*.
Status set_securebits(unsigned bits);
Status set_no_new_privs();

}  // namespace kelp::sys
