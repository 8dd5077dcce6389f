// SPDX-License-Identifier: Apache-2.0
// Limits as properties of a unit; see unit_properties.h.
// Runs in: parent.
#include "launch/unit_properties.h"

#include <array>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace kelp::launch {
namespace {

struct Row {
  std::string_view file;
  std::string_view property;
};
// Those whose file holds one number.
constexpr std::array kRows = {
    Row{"memory.max", "MemoryMax"}, Row{"memory.low", "MemoryLow"},          Row{"memory.high", "MemoryHigh"},
    Row{"memory.min", "MemoryMin"}, Row{"memory.swap.max", "MemorySwapMax"}, Row{"cpu.weight", "CPUWeight"},
    Row{"pids.max", "TasksMax"}};

constexpr std::uint64_t kInfinity = UINT64_MAX;  // systemd's word for "max"

std::optional<std::uint64_t> amount_of(std::string_view value) {
  if (value == "max") return kInfinity;
  return read_decimal(value, kInfinity);
}

// "QUOTA PERIOD", in microseconds; systemd counts a quota per second, in steps of a hundredth of one.
void add_cpu_quota(std::string_view value, std::vector<Property>& properties) {
  constexpr std::uint64_t kSecond = 1'000'000;
  constexpr std::uint64_t kStep = 10'000;
  const std::vector<std::string_view> words = split(value, ' ');
  const auto period =
      words.size() > 1 ? read_decimal(words[1], UINT32_MAX) : std::optional<std::uint64_t>(100'000);
  const auto quota = amount_of(words[0]);
  if (!quota || !period || *period == 0) return;
  const std::uint64_t a_second =
      *quota == kInfinity ? kInfinity : (*quota * kSecond / *period + kStep - 1) / kStep * kStep;
  properties.push_back({.name = "CPUQuotaPerSecUSec", .value = a_second});
  properties.push_back({.name = "CPUQuotaPeriodUSec", .value = *period});
}

Error not_understood(const UnitProperty& written) {
  return Error(cat("set the property ", written.name, " of the unit"),
               cat("'", written.value, "' is neither a text in quotes, a number, true nor false"))
      .after(written.origin.text);
}

}  // namespace

std::vector<Property> properties_of_limits(const std::vector<plan::CgroupSetting>& settings) {
  std::vector<Property> properties;
  for (const plan::CgroupSetting& setting : settings) {
    if (setting.file == "cpu.max") add_cpu_quota(setting.value, properties);
    for (const Row& row : kRows) {
      const auto amount = row.file == setting.file ? amount_of(setting.value) : std::nullopt;
      if (amount) properties.push_back({.name = std::string(row.property), .value = *amount});
    }
  }
  return properties;
}

Result<Property> read_property(const UnitProperty& written) {
  std::string_view text = written.value;
  const auto as = [&](auto value) { return Property{.name = written.name, .value = std::move(value)}; };
  if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front()) {
    return as(std::string(text.substr(1, text.size() - 2)));
  }
  if (text == "true" || text == "false") return as(text == "true");
  // GVariant takes a number without a type for an int32.
  const bool is_wide = text.starts_with("uint64 ");
  if (is_wide) text.remove_prefix(std::string_view("uint64 ").size());
  if (!is_wide && text.starts_with("int32 ")) text.remove_prefix(std::string_view("int32 ").size());
  const auto number = read_decimal(text, is_wide ? kInfinity : INT32_MAX);
  if (!number) return not_understood(written);
  if (is_wide) return as(*number);
  return as(static_cast<std::int32_t>(*number));
}

}  // namespace kelp::launch
