// SPDX-License-Identifier: Apache-2.0
// What is kept of a file beside what the file system has: owner, mode, type, device number. As text it is
// what containers/storage, fuse-overlayfs and others write: "UID:GID:MODE:TYPE", the mode in octal, of a
// device "block-8-0" or "char-1-3".
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kelp::owners {

inline constexpr char kAttribute[] = "user.containers.override_stat";

struct Kept {
  uid_t user = 0;
  gid_t group = 0;
  mode_t permissions = 0;  // 07777
  mode_t type = 0;         // S_IF*; 0: the file's own
  unsigned major = 0;      // of a device
  unsigned minor = 0;
  bool operator==(const Kept&) const = default;
};

// Nothing where the text does not have this form.
std::optional<Kept> read_kept(std::string_view text);
std::string text_of(const Kept& kept);

}  // namespace kelp::owners
