// SPDX-License-Identifier: Apache-2.0
// getpwuid(3); see accounts.h.
// Runs in: parent.
#include <pwd.h>

#include <cerrno>
#include <vector>

#include "host/accounts.h"

namespace kelp::host {

std::optional<Account> account_by_nss(std::uint32_t uid) {
  constexpr std::size_t kLargest = std::size_t{1} << 20U;
  for (std::vector<char> buffer(4096); buffer.size() <= kLargest; buffer.resize(buffer.size() * 4)) {
    passwd entry{};
    passwd* found = nullptr;
    const int code = ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
    if (code == ERANGE) continue;
    if (code != 0 || found == nullptr || entry.pw_name == nullptr) return std::nullopt;
    const bool has_home = entry.pw_dir != nullptr && entry.pw_dir[0] == '/';
    return Account{.name = entry.pw_name, .home = has_home ? entry.pw_dir : std::string()};
  }
  return std::nullopt;
}

}  // namespace kelp::host
