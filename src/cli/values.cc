// SPDX-License-Identifier: Apache-2.0
// Small values in texts, read strictly.
#include "cli/values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/text.h"

namespace kelp::cli {

std::vector<std::string> split_fields(std::string_view text) {
  std::vector<std::string> fields;
  fields.reserve(3);
  fields.emplace_back();
  for (;;) {
    const std::size_t colon = text.find(':');
    const bool is_escaped = colon != std::string_view::npos && colon > 0 && text[colon - 1] == '\\';
    fields.back() += text.substr(0, is_escaped ? colon - 1 : colon);
    if (colon == std::string_view::npos) return fields;
    text.remove_prefix(colon + 1);
    if (is_escaped) {
      fields.back() += ':';
    } else {
      fields.emplace_back();
    }
  }
}

std::optional<std::vector<std::string>> split_csv(std::string_view text) {
  std::vector<std::string> fields(1);
  bool is_quoted = false;
  bool is_start = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      fields.back() += text[++i];
    } else if (is_quoted && c == '"') {
      is_quoted = false;
    } else if (!is_quoted && is_start && c == '"') {
      is_quoted = true;
    } else if (!is_quoted && c == ',') {
      fields.emplace_back();
      is_start = true;
      continue;
    } else {
      fields.back() += c;
    }
    is_start = false;
  }
  if (is_quoted) return std::nullopt;
  return fields;
}

std::optional<std::uint64_t> read_duration_ms(std::string_view text) {
  // "ms" before "s" and "m": the longest unit is looked for first.
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 5> kUnits = {
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  std::uint64_t unit = 1000;
  for (const auto& [name, milliseconds] : kUnits) {
    if (!text.ends_with(name)) continue;
    unit = milliseconds;
    text.remove_suffix(name.size());
    break;
  }
  const std::size_t point = text.find('.');
  const auto whole = read_decimal(text.substr(0, point), INT64_MAX / unit - 1);
  if (!whole) return std::nullopt;
  if (point == std::string_view::npos) return *whole * unit;
  const std::string_view digits = text.substr(point + 1);
  const auto fraction = read_decimal(digits, 999'999);
  if (!fraction || digits.size() > 6) return std::nullopt;
  std::uint64_t scale = 1;
  for (std::size_t i = 0; i < digits.size(); ++i) scale *= 10;
  return *whole * unit + *fraction * unit / scale;
}

std::optional<std::int64_t> read_signed(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const auto value = read_decimal(text, std::numeric_limits<std::int64_t>::max());
  if (!value) return std::nullopt;
  return is_negative ? -static_cast<std::int64_t>(*value) : static_cast<std::int64_t>(*value);
}

std::optional<int> read_fd(std::string_view text) {
  const auto value = read_decimal(text, std::numeric_limits<int>::max());
  if (!value) return std::nullopt;
  return static_cast<int>(*value);
}

bool is_address(std::string_view text) {
  const std::string copy(text);
  if (copy.find('\0') != std::string::npos) return false;
  std::array<unsigned char, sizeof(in6_addr)> unused{};
  return inet_pton(AF_INET, copy.c_str(), unused.data()) == 1 ||
         inet_pton(AF_INET6, copy.c_str(), unused.data()) == 1;
}

bool is_host_name(std::string_view text) {
  static constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  if (text.empty() || text.size() > 253) return false;
  const auto labels = split(text, '.');
  return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && !label.starts_with('-') && !label.ends_with('-') &&
           label.find_first_not_of(kAllowed) == std::string_view::npos;
  });
}

}  // namespace kelp::cli
