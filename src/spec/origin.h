// SPDX-License-Identifier: Apache-2.0
// Where a part of a Spec came from, in the words of the user: "-v /a:/b", "mounts[3]". A failure deep in the
// child still names what was typed.
#pragma once

#include <string>

namespace kelp {

struct Origin {
  std::string text;  // empty: a default of kelp's own

  // Two Specs that mean the same are equal, whichever dialect they came from.
  bool operator==(const Origin&) const { return true; }
};

}  // namespace kelp
