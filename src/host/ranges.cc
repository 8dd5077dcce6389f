// SPDX-License-Identifier: Apache-2.0
// Arithmetic on ranges of ids; see ranges.h.
#include "host/ranges.h"

#include <algorithm>

namespace kelp::host {
namespace {

SubordinateRange between(std::uint64_t first, std::uint64_t end) {
  return {.first = static_cast<std::uint32_t>(first), .count = static_cast<std::uint32_t>(end - first)};
}

Ranges sorted(Ranges ranges) {
  std::ranges::sort(ranges, {}, &SubordinateRange::first);
  return ranges;
}

}  // namespace

Ranges without(const SubordinateRange& range, const Ranges& others) {
  Ranges left;
  std::uint64_t next = range.first;
  const std::uint64_t end = end_of(range);
  for (const SubordinateRange& other : sorted(others)) {
    if (end_of(other) <= next) continue;
    if (other.first >= end) break;
    if (other.first > next) left.push_back(between(next, other.first));
    next = std::max(next, end_of(other));
  }
  if (next < end) left.push_back(between(next, end));
  return left;
}

Ranges within(const Ranges& ranges, const Ranges& allowed) {
  Ranges inside;
  const Ranges ordered = sorted(allowed);
  for (const SubordinateRange& range : ranges) {
    for (const SubordinateRange& place : ordered) {
      const std::uint64_t first = std::max(range.first, place.first);
      const std::uint64_t end = std::min(end_of(range), end_of(place));
      if (first < end) inside.push_back(between(first, end));
    }
  }
  return inside;
}

void append_new(Ranges& ranges, const SubordinateRange& range) {
  // Neighbours are not joined: an extent of a map must lie within one extent of the map above it.
  for (const SubordinateRange& part : without(range, ranges)) ranges.push_back(part);
}

}  // namespace kelp::host
