// SPDX-License-Identifier: Apache-2.0
// Directories that must not outlive kelp: each has a name of its own and a lock (flock(2)) that is the
// parent's and falls with it, however it ends. One without a lock is a dead one, and the next start that
// needs its like removes it. Runs in: parent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/unique_fd.h"

namespace kelp::launch {

struct Claim {
  std::string name;
  sys::UniqueFd lock;  // the directory itself, locked
};

// Makes a directory (0700) in another one; its name begins with `prefix`. `what` is for messages: "the
// overlay's layer".
Result<Claim> claim_directory(int around_fd, std::string_view prefix, std::string_view what);

// A directory of ours that nobody holds, locked; invalid: anything else, which is left alone.
sys::UniqueFd take_dead(int around_fd, const std::string& name);

// The names in a directory that begin with `prefix`.
Result<std::vector<std::string>> names_with(int around_fd, std::string_view prefix);

}  // namespace kelp::launch
