// SPDX-License-Identifier: Apache-2.0
// Landlock (landlock(7)): a domain that a process enters and never leaves. The numbers of rights and scopes
// come from the plan; headers of Debian 12 do not have them all, so the structures are our own.
// Runs in: both.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "sys/unique_fd.h"

namespace kelp::sys {

// The ABI of this kernel; nothing where it has no Landlock, or has it switched off. One system call.
Result<std::optional<int>> landlock_abi();

// What a domain forbids unless a rule allows it. A kernel whose ABI does not know a bit says EINVAL.
struct LandlockRuleset {
  std::uint64_t files = 0;   // LANDLOCK_ACCESS_FS_*
  std::uint64_t ports = 0;   // LANDLOCK_ACCESS_NET_*, ABI 4
  std::uint64_t scopes = 0;  // LANDLOCK_SCOPE_*, ABI 6
};
Result<UniqueFd> make_landlock_ruleset(const LandlockRuleset& forbidden);

// Allows `rights` on what the O_PATH descriptor names and all below it.
Status allow_files(int ruleset_fd, int path_fd, std::uint64_t rights);
Status allow_port(int ruleset_fd, std::uint16_t port, std::uint64_t rights);

// The caller must have no_new_privs, or CAP_SYS_ADMIN over its user namespace.
Status enter_landlock_domain(int ruleset_fd);

}  // namespace kelp::sys
