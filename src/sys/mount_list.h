// SPDX-License-Identifier: Apache-2.0
// The kernel's list of mounts (proc_pid_mountinfo(5)) as values, for what has to be done to each mount of a
// tree. Nothing is asked of the kernel here. Runs in: child.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kelp::sys {

// "/a\040b" is "/a b": the kernel writes blank, tab, newline and backslash as octal numbers.
std::string decode_mount_path(std::string_view text);

struct ListedMount {
  std::uint64_t id = 0;      // as in MountIdentity
  std::uint64_t parent = 0;  // the mount that it lies on
  std::string point;         // as seen from the root directory of who reads the list
  std::uint64_t attributes =
      0;  // MOUNT_ATTR_RDONLY, NOSUID, NODEV, NOEXEC, NOSYMFOLLOW; access times are left out
  bool propagates = false;  // "shared:" or "master:": what is mounted on it can be unmounted from elsewhere
  bool operator==(const ListedMount&) const = default;
};

// A line that cannot be read is an error (EINVAL): a mount that is overlooked would keep what it is to lose.
Result<std::vector<ListedMount>> read_mount_list(std::string_view text);

// The mount `top` and all below it, with points as seen from its root ("" is that itself); nothing where it
// is not listed. A mount that another one covers at its very root is left out, with what lies on it: no path
// leads there, and to uncover it takes away a mount that is locked to whoever has less privilege than the one
// that made it; unless the covered one propagates, from where it can be uncovered. One that is hidden by a
// mount further up stays in: a rename from elsewhere can bring it back.
std::vector<ListedMount> tree_of_mounts(const std::vector<ListedMount>& mounts, std::uint64_t top);

}  // namespace kelp::sys
