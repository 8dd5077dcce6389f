// SPDX-License-Identifier: Apache-2.0
// System call filters of this process (seccomp(2)). What is in them is not known here.
// Runs in: both.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "sys/unique_fd.h"

namespace kelp::sys {

inline constexpr std::size_t kFilterInstructionSize = 8;  // struct sock_filter

// Adds a filter of `count` instructions, each a struct sock_filter, for this thread and what it starts. Needs
// no_new_privs, or CAP_SYS_ADMIN over the own user namespace. `flags`: SECCOMP_FILTER_FLAG_*.
Status install_filter(const void* instructions, std::size_t count, std::uint32_t flags);

// As install_filter(), with a listener: who reads it hears of the calls that the filter answers with
// SECCOMP_RET_USER_NOTIF, and answers them (seccomp_unotify(2)). EBUSY: a filter around us has one.
Result<UniqueFd> install_notifying_filter(const void* instructions, std::size_t count, std::uint32_t flags);

// The sentence for the errno of such an attempt.
Error filter_failure(int code);

}  // namespace kelp::sys
