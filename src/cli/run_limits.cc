// SPDX-License-Identifier: Apache-2.0
// What the flags of `kelp run` about limits of the whole container do.
#include "base/text.h"
#include "cli/draft.h"

namespace kelp::cli {
namespace {

Error no_value(const Given& given, std::string_view why) {
  return Error(cat("read ", given.typed), cat("'", *given.value, "' is ", why));
}

bool is_unlimited(const std::string& value) { return value == "-1" || value == "unlimited"; }

// "1.5" → 150000 microseconds a period.
std::optional<std::uint64_t> read_cpus(std::string_view text) {
  constexpr std::size_t kDigits = 5;  // kCpuPeriodUs is a one with five zeros
  const std::size_t point = text.find('.');
  const auto whole = read_decimal(text.substr(0, point), UINT32_MAX);
  if (!whole) return std::nullopt;
  std::uint64_t microseconds = *whole * kCpuPeriodUs;
  if (point == std::string_view::npos) return microseconds;
  std::string digits(text.substr(point + 1));
  if (digits.empty() || digits.size() > kDigits) return std::nullopt;
  digits.resize(kDigits, '0');
  const auto fraction = read_decimal(digits, kCpuPeriodUs);
  if (!fraction) return std::nullopt;
  return microseconds + *fraction;
}

}  // namespace

Status apply_memory(const Given& given, std::optional<Limit>& slot) {
  const auto bytes = read_size(*given.value);
  if (!bytes) return no_value(given, "no size (512m, 1g)");
  slot = Limit{.value = *bytes, .origin = {given.typed}};
  return {};
}

Status apply_memory_swap(Draft& draft, const Given& given) {
  std::optional<Limit>& slot = draft.request.spec.resources.memory_swap;
  if (!is_unlimited(*given.value)) return apply_memory(given, slot);
  slot = Limit{.value = kUnlimited, .origin = {given.typed}};
  return {};
}

Status apply_cpus(Draft& draft, const Given& given) {
  const auto microseconds = read_cpus(*given.value);
  if (!microseconds) return no_value(given, "no number of CPUs (2, 1.5)");
  draft.request.spec.resources.cpus = Limit{.value = *microseconds, .origin = {given.typed}};
  return {};
}

Status apply_count(const Given& given, std::optional<Limit>& slot) {
  const auto count = read_decimal(*given.value, INT64_MAX);
  if (!count) return no_value(given, "no number");
  slot = Limit{.value = *count, .origin = {given.typed}};
  return {};
}

Status apply_pids(Draft& draft, const Given& given) {
  std::optional<Limit>& slot = draft.request.spec.resources.pids;
  if (!is_unlimited(*given.value)) return apply_count(given, slot);
  slot.reset();
  return {};
}

Status apply_cgroup_parent(Draft& draft, const Given& given) {
  if (given.value->empty()) return no_value(given, "no cgroup");
  draft.request.spec.resources.parent = *given.value;
  draft.request.spec.resources.parent_origin = {given.typed};
  return {};
}

Status apply_limits_mode(Draft& draft, const Given& given) {
  LimitsMode& mode = draft.request.spec.resources.mode;
  if (*given.value == "strict") {
    mode = LimitsMode::kStrict;
  } else if (*given.value == "best-effort") {
    mode = LimitsMode::kBestEffort;
  } else {
    return no_value(given, "neither strict nor best-effort");
  }
  return {};
}

}  // namespace kelp::cli
