// SPDX-License-Identifier: Apache-2.0
// A Plan in words: what --explain prints.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"

namespace kelp::plan {

struct Sentence {
  std::string what;    // "bind /usr on /usr, read-only"
  std::string origin;  // what the user typed for it; "default" where nothing was
  bool operator==(const Sentence&) const = default;
};

// The parent's steps, then the child's, in the order in which they happen.
std::vector<Sentence> describe(const Plan& plan);

}  // namespace kelp::plan
