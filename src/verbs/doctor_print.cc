// SPDX-License-Identifier: Apache-2.0
// The findings of doctor as text and as JSON; see doctor_print.h.
#include "verbs/doctor_print.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace kelp::verbs {
namespace {

std::string_view word_of(host::Condition condition) {
  switch (condition) {
    case host::Condition::kOk: return "ok";
    case host::Condition::kLimited: return "limited";
    case host::Condition::kMissing: return "missing";
  }
  return {};
}

// Green, yellow, red: of the eight that every terminal has.
std::string_view colour_of(host::Condition condition) {
  switch (condition) {
    case host::Condition::kOk: return "\033[32m";
    case host::Condition::kLimited: return "\033[33m";
    case host::Condition::kMissing: return "\033[31m";
  }
  return {};
}

std::string padded(std::string_view word, Colour colour, host::Condition condition) {
  const std::string blanks(9 - word.size(), ' ');
  if (colour == Colour::kNever) return cat(word, blanks);
  return cat(colour_of(condition), word, "\033[0m", blanks);
}

nlohmann::ordered_json text_or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

}  // namespace

bool is_full_strength(std::span<const DoctorItem> items) {
  return std::ranges::none_of(
      items, [](const DoctorItem& item) { return item.finding.condition == host::Condition::kMissing; });
}

std::string doctor_text(std::span<const DoctorItem> items, Colour colour) {
  std::string out;
  for (const DoctorItem& item : items) {
    const host::Finding& finding = item.finding;
    out += cat(padded(word_of(finding.condition), colour, finding.condition), item.name, ": ", finding.fact,
               "\n");
    if (!finding.why.empty()) out += cat("         why:  ", finding.why, "\n");
    if (!finding.mend.empty()) out += cat("         mend: ", finding.mend, "\n");
  }
  out += is_full_strength(items) ? "kelp runs at full strength here\n" : "something is missing\n";
  return out;
}

std::string doctor_json(std::span<const DoctorItem> items) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const DoctorItem& item : items) {
    list.push_back({{"name", item.name},
                    {"condition", word_of(item.finding.condition)},
                    {"fact", text_or_null(item.finding.fact)},
                    {"why", text_or_null(item.finding.why)},
                    {"mend", text_or_null(item.finding.mend)}});
  }
  const nlohmann::ordered_json all = {
      {"version", 1}, {"full_strength", is_full_strength(items)}, {"items", list}};
  // What is not UTF-8 was made printable where it was read; a byte that slipped through must not end doctor.
  return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace kelp::verbs
