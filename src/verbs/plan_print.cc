// SPDX-License-Identifier: Apache-2.0
// A plan in words and as JSON; see plan_print.h.
#include "verbs/plan_print.h"

#include <nlohmann/json.hpp>

#include <utility>

#include "base/text.h"
#include "plan/describe.h"

namespace kelp::verbs {
namespace {

std::string plan_as_text(const plan::Plan& plan) {
  std::string out;
  std::size_t number = 0;
  for (const plan::Sentence& sentence : plan::describe(plan)) {
    out += printable(cat(++number, ". ", sentence.what, "  [", sentence.origin, "]")) + "\n";
  }
  if (plan.rung != Rung::kFull)
    out += printable(cat("rung: ", rung_title(plan.rung), ", ", plan.rung_because)) + "\n";
  for (const std::string& line : plan::policy_lines(plan.policy)) out += printable(line) + "\n";
  return out;
}

std::string_view word(plan::Enforcement enforcement) {
  switch (enforcement) {
    case plan::Enforcement::kEnforced: return "yes";
    case plan::Enforcement::kPartly: return "partly";
    case plan::Enforcement::kNot: return "no";
  }
  return "no";
}

nlohmann::ordered_json policy_as_json(const plan::Policy& policy) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const plan::PolicyItem& item : policy) {
    nlohmann::ordered_json entry = {{"what", printable(item.what)}, {"enforced", word(item.enforcement)}};
    if (!item.why.empty()) entry["why"] = printable(item.why);
    if (item.fence) entry["fence"] = fence_name(*item.fence);
    list.push_back(std::move(entry));
  }
  return list;
}

std::string plan_as_json(const plan::Plan& plan) {
  nlohmann::ordered_json steps = nlohmann::ordered_json::array();
  for (const plan::Sentence& sentence : plan::describe(plan)) {
    steps.push_back({{"step", printable(sentence.what)}, {"origin", printable(sentence.origin)}});
  }
  nlohmann::ordered_json object = {{"version", 1},
                                   {"steps", std::move(steps)},
                                   {"rung", rung_name(plan.rung)},
                                   {"policy", policy_as_json(plan.policy)},
                                   {"not_enforced", gaps_in_print(plan.policy)}};
  return object.dump(2) + "\n";
}

}  // namespace

std::vector<std::string> gaps_in_print(const plan::Policy& policy) {
  std::vector<std::string> out = plan::not_enforced(policy);
  for (std::string& text : out) text = printable(text);
  return out;
}

std::string plan_text(const plan::Plan& plan, bool as_json) {
  return as_json ? plan_as_json(plan) : plan_as_text(plan);
}

std::string made_text(const std::vector<std::string>& made, bool as_json) {
  std::string out;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const std::string& path : made) {
    out += cat("made the mount point ", printable(path), " in the root\n");
    list.push_back(printable(path));
  }
  if (!as_json) return out;
  return nlohmann::ordered_json({{"version", 1}, {"made", std::move(list)}}).dump(2) + "\n";
}

}  // namespace kelp::verbs
