// SPDX-License-Identifier: Apache-2.0
// The policy of a container: which of its fences this machine enforces wholly, partly or not. It is the one
// list behind the end of --explain, "not_enforced" of --report, and --require.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "spec/fences.h"

namespace kelp::plan {

enum class Enforcement { kEnforced, kPartly, kNot };

// Only what was asked for is an item: a namespace that is shared on purpose is none.
struct PolicyItem {
  std::string what;  // a sentence or a noun without a full stop, true where it is enforced
  Enforcement enforcement = Enforcement::kEnforced;
  std::string why = {};             // why not, or not wholly
  std::optional<Fence> fence = {};  // what --require calls it
  bool operator==(const PolicyItem&) const = default;
};
using Policy = std::vector<PolicyItem>;

// "what", or "what: why" where it is not wholly enforced.
std::string sentence(const PolicyItem& item);

// The sentences of what is enforced partly or not.
std::vector<std::string> not_enforced(const Policy& policy);

// In lines: all that is enforced in one, then one for each that is not, or not wholly.
std::vector<std::string> policy_lines(const Policy& policy);

// Refuses what is required and not wholly enforced, or not asked for at all; names every such fence.
Status check_required(const std::vector<Requirement>& required, const std::vector<Waiver>& waived,
                      const Policy& policy, std::optional<int> landlock_abi);

}  // namespace kelp::plan
