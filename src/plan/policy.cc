// SPDX-License-Identifier: Apache-2.0
// What is made of a policy; see policy.h. How it comes about is in fences.cc.
#include "plan/policy.h"

#include <utility>

#include "base/text.h"

namespace kelp::plan {
namespace {

Error not_asked_for(const std::string& action, const Requirement& requirement,
                    const std::vector<Waiver>& waived) {
  for (const Waiver& waiver : waived) {
    if (waiver.fence == requirement.fence) return {action, cat(waiver.origin.text, " takes it away")};
  }
  Error error(action, "nothing in this container asks for it");
  const std::string& asked_by = requirement.asked_by.text;
  return asked_by.empty() ? error : std::move(error).with_hint(cat("ask for it with ", asked_by));
}

}  // namespace

std::string sentence(const PolicyItem& item) {
  return item.why.empty() ? item.what : cat(item.what, ": ", item.why);
}

std::vector<std::string> not_enforced(const Policy& policy) {
  std::vector<std::string> out;
  for (const PolicyItem& item : policy) {
    if (item.enforcement != Enforcement::kEnforced) out.push_back(sentence(item));
  }
  return out;
}

std::vector<std::string> policy_lines(const Policy& policy) {
  std::string enforced;
  std::vector<std::string> partly;
  std::vector<std::string> out;
  for (const PolicyItem& item : policy) {
    switch (item.enforcement) {
      case Enforcement::kEnforced: enforced += cat(enforced.empty() ? "" : "; ", item.what); break;
      case Enforcement::kPartly: partly.push_back(cat("partly enforced: ", sentence(item))); break;
      case Enforcement::kNot: out.push_back(cat("not enforced: ", sentence(item))); break;
    }
  }
  out.insert(out.begin(), partly.begin(), partly.end());
  if (!enforced.empty()) out.insert(out.begin(), cat("enforced: ", enforced));
  return out;
}

Status check_required(const std::vector<Requirement>& required, const std::vector<Waiver>& waived,
                      const Policy& policy, std::optional<int> landlock_abi) {
  std::vector<Error> problems;
  for (const Requirement& requirement : required) {
    const std::string action =
        cat("enforce ", fence_name(requirement.fence), " (", requirement.origin.text, ")");
    bool is_asked_for = false;
    for (const PolicyItem& item : policy) {
      if (item.fence != requirement.fence) continue;
      is_asked_for = true;
      if (item.enforcement == Enforcement::kEnforced) continue;
      problems.emplace_back(
          action, cat(item.enforcement == Enforcement::kPartly ? "only partly: " : "", sentence(item)));
    }
    if (landlock_abi.value_or(0) < requirement.landlock_abi) {
      problems.emplace_back(action, landlock_abi ? cat("this kernel has ABI ", *landlock_abi)
                                                 : "this kernel has no Landlock, or has it switched off");
    }
    if (!is_asked_for) problems.push_back(not_asked_for(action, requirement, waived));
  }
  if (!problems.empty()) return Error::all_of(std::move(problems));
  return {};
}

}  // namespace kelp::plan
