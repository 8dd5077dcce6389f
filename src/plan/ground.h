// SPDX-License-Identifier: Apache-2.0
// What a mount inside the root lies on. Who shares ROOT can rename its directories and put links there, so
// that a path leads elsewhere from one mount to the next: what covers a part of something has to land in
// that, and nothing may cover a part of something by accident. The Plan says what has to hold, the child
// proves it.
#pragma once

#include <cstdint>
#include <string>

namespace kelp::plan {

// A mount that shows something of the host's below itself: a bind or an overlay that was asked for. Numbered
// from 1 in the order of the mounts, 0 is none.
using TreeNumber = std::uint32_t;

struct Ground {
  TreeNumber tree = 0;   // which the mount makes
  TreeNumber below = 0;  // in which it has to land, at `rest` from its top; 0: it must land in none
  std::string rest;
  TreeNumber over = 0;  // on whose top it has to land, in spite of the above
  bool operator==(const Ground&) const = default;
};

}  // namespace kelp::plan
