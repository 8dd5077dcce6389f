// SPDX-License-Identifier: Apache-2.0
// passwd(5) and group(5) as text → values, for files that a hostile root holds. No NSS, no locale, no limits
// but those of the text that was read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kelp {

struct PasswdEntry {
  std::string name;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string home;
  std::string shell;
  bool operator==(const PasswdEntry&) const = default;
};

// The first entry of that name or uid; malformed lines are passed over.
std::optional<PasswdEntry> passwd_by_name(std::string_view passwd, std::string_view name);
std::optional<PasswdEntry> passwd_by_uid(std::string_view passwd, std::uint32_t uid);

std::optional<std::uint32_t> group_by_name(std::string_view group, std::string_view name);
// The groups that list the user as a member, without doubles, at most `max`.
std::vector<std::uint32_t> groups_of(std::string_view group, std::string_view user, std::size_t max);

}  // namespace kelp
