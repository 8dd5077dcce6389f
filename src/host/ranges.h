// SPDX-License-Identifier: Apache-2.0
// Arithmetic on ranges of ids: 32-bit values whose last one may be 2^32-2, so every sum is taken in 64 bits.
#pragma once

#include <cstdint>
#include <vector>

#include "host/facts.h"

namespace kelp::host {

using Ranges = std::vector<SubordinateRange>;

// (uid_t)-1 means "no id" to the kernel.
inline constexpr std::uint64_t kLastId = 0xFFFF'FFFEU;

// One past the last id.
constexpr std::uint64_t end_of(const SubordinateRange& range) {
  return std::uint64_t{range.first} + range.count;
}

// A range that is empty or leaves the 32 bits is none.
constexpr bool is_valid(std::uint64_t first, std::uint64_t count) {
  return count > 0 && first <= kLastId && count <= kLastId + 1 - first;
}

// The parts of `range` that none of `others` holds, in ascending order.
Ranges without(const SubordinateRange& range, const Ranges& others);

// The parts of `ranges` that lie within `allowed`, in the order of `ranges`.
Ranges within(const Ranges& ranges, const Ranges& allowed);

// Appends to `ranges` what it does not hold yet. The order of what is there stays: a line added later to
// /etc/subuid must never change which id a file that exists belongs to.
void append_new(Ranges& ranges, const SubordinateRange& range);

}  // namespace kelp::host
