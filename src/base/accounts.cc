// SPDX-License-Identifier: Apache-2.0
// passwd(5) and group(5); see accounts.h.
#include "base/accounts.h"

#include <algorithm>

#include "base/text.h"

namespace kelp {
namespace {

constexpr std::uint64_t kMaxAccountId = 0xFFFFFFFE;

// Calls use(fields) for every line with at least `least` fields until it returns true.
template <typename Use>
void each_line(std::string_view text, std::size_t least, Use use) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::vector<std::string_view> fields = split(text.substr(0, end), ':');
    if (fields.size() >= least && !fields[0].empty() && use(fields)) return;
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

template <typename Matches>
std::optional<PasswdEntry> find_passwd(std::string_view passwd, Matches matches) {
  std::optional<PasswdEntry> found;
  each_line(passwd, 7, [&](const std::vector<std::string_view>& fields) {
    const auto uid = read_decimal(fields[2], kMaxAccountId);
    const auto gid = read_decimal(fields[3], kMaxAccountId);
    if (!uid || !gid) return false;
    PasswdEntry entry{.name = std::string(fields[0]),
                      .uid = static_cast<std::uint32_t>(*uid),
                      .gid = static_cast<std::uint32_t>(*gid),
                      .home = std::string(fields[5]),
                      .shell = std::string(fields[6])};
    if (!matches(entry)) return false;
    found = std::move(entry);
    return true;
  });
  return found;
}

}  // namespace

std::optional<PasswdEntry> passwd_by_name(std::string_view passwd, std::string_view name) {
  return find_passwd(passwd, [&](const PasswdEntry& entry) { return entry.name == name; });
}

std::optional<PasswdEntry> passwd_by_uid(std::string_view passwd, std::uint32_t uid) {
  return find_passwd(passwd, [&](const PasswdEntry& entry) { return entry.uid == uid; });
}

std::optional<std::uint32_t> group_by_name(std::string_view group, std::string_view name) {
  std::optional<std::uint32_t> found;
  each_line(group, 3, [&](const std::vector<std::string_view>& fields) {
    const auto gid = read_decimal(fields[2], kMaxAccountId);
    if (fields[0] != name || !gid) return false;
    found = static_cast<std::uint32_t>(*gid);
    return true;
  });
  return found;
}

std::vector<std::uint32_t> groups_of(std::string_view group, std::string_view user, std::size_t max) {
  std::vector<std::uint32_t> out;
  if (user.empty()) return out;  // an empty list would seem to name it
  each_line(group, 4, [&](const std::vector<std::string_view>& fields) {
    const auto gid = read_decimal(fields[2], kMaxAccountId);
    const std::vector<std::string_view> members = split(fields[3], ',');
    if (!gid || std::find(members.begin(), members.end(), user) == members.end()) return false;
    const auto id = static_cast<std::uint32_t>(*gid);
    if (std::find(out.begin(), out.end(), id) == out.end()) out.push_back(id);
    return out.size() >= max;
  });
  return out;
}

}  // namespace kelp
