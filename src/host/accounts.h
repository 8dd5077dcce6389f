// SPDX-License-Identifier: Apache-2.0
// The caller's account: our own bounded reader of /etc/passwd, and NSS only for whoever is not in it (LDAP,
// SSSD). Runs in: parent, never after a new root was entered (NSS loads code).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kelp::host {

struct Account {
  std::string name;
  std::string home;  // empty where the line has no absolute one
  bool operator==(const Account&) const = default;
};

// The account of a line of passwd(5), if it is the uid's.
std::optional<Account> read_account(std::string_view line, std::uint32_t uid);

// The first line of the uid. A file that cannot be read is none; an error: a shortage, which tells nothing.
Result<std::optional<Account>> account_in_file(const std::string& path, std::uint32_t uid);

// getpwuid(3): may load modules and ask servers. A kelp that is linked statically knows nobody by it.
std::optional<Account> account_by_nss(std::uint32_t uid);

}  // namespace kelp::host
