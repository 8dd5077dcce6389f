// SPDX-License-Identifier: Apache-2.0
// Small values in texts, read strictly: nothing is guessed, nothing overflows, any bytes may come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kelp::cli {

// "/a\:b:/c:ro" → {"/a:b", "/c", "ro"}: split at colons; `\:` is a colon that does not split, every other
// backslash is itself.
std::vector<std::string> split_fields(std::string_view text);

// One line of CSV, as the values of --mount are: split at commas; a field in double quotes may hold commas,
// and
// `""` for a quote. Nothing where a quote is not closed.
std::optional<std::vector<std::string>> split_csv(std::string_view text);

// "90", "1.5s", "10m", "500ms", "2h", "1d" → milliseconds. No unit means seconds.
std::optional<std::uint64_t> read_duration_ms(std::string_view text);

// Strict decimal with an optional minus.
std::optional<std::int64_t> read_signed(std::string_view text);

// A file descriptor: strict decimal, 0 … 2^31-1.
std::optional<int> read_fd(std::string_view text);

// An IPv4 or IPv6 address in numbers, as inet_pton(3) has it.
bool is_address(std::string_view text);

// A name as /etc/hosts may hold it (RFC 1123; an underscore is let pass).
bool is_host_name(std::string_view text);

}  // namespace kelp::cli
