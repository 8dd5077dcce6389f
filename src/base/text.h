// SPDX-License-Identifier: Apache-2.0
// Text as values: joining, splitting, strict numbers, and showing bytes that a terminal should not get.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kelp {

namespace detail {
inline void append(std::string& out, std::string_view part) { out += part; }
inline void append(std::string& out, char part) { out += part; }
template <std::integral Number>
  requires(!std::same_as<Number, char>)
void append(std::string& out, Number part) {
  out += std::to_string(part);
}
}  // namespace detail

// cat("uid ", 5, ':') == "uid 5:".
template <typename... Parts>
std::string cat(const Parts&... parts) {
  std::string out;
  (detail::append(out, parts), ...);
  return out;
}

// The text with control characters, DEL and bytes that are not valid UTF-8 shown as \xNN,
// so that a file name can neither forge a line of output nor steer a terminal.
std::string printable(std::string_view text);

// printable(), in single quotes where a shell would need them: what a hint may ask the user to paste.
std::string shell_quoted(std::string_view text);

// Strict decimal: digits only, no sign, no space, no empty text, not above max.
std::optional<std::uint64_t> read_decimal(std::string_view text, std::uint64_t max);

// Strict octal (file modes), not above max.
std::optional<std::uint64_t> read_octal(std::string_view text, std::uint64_t max);

// A number of bytes: decimal with an optional suffix k, m, g or t (powers of 1024, either case, optional
// "b").
std::optional<std::uint64_t> read_size(std::string_view text);

// split("a:b:", ':') == {"a", "b", ""}; an empty text gives one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Text without blanks and tabs at both ends.
std::string_view trimmed(std::string_view text);

// Whether text matches a pattern in which a final `*` stands for any rest; no other wildcard.
bool matches_prefix_pattern(std::string_view text, std::string_view pattern);

}  // namespace kelp
