// SPDX-License-Identifier: Apache-2.0
// One regular file from the host into a directory of a new root: whole or not at all, with holes kept, and
// without rights that it had on the host only. Knows nothing of trees.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kelp::verbs {

struct Copied {
  std::uint64_t bytes = 0;
  // What the copy has not: "setuid bit", "setgid bit", "capabilities".
  std::vector<std::string> dropped;
};

// Copies source_fd (a regular file, open for reading) to `name` in the directory parent_fd (may be O_PATH),
// with its permissions and modification time. An existing `name` is an error (EEXIST), never replaced.
// Stopped at any moment, also by SIGKILL, it leaves either the whole file or nothing by that name; where the
// file system has no O_TMPFILE a temporary name may be left, which the next call in that directory removes.
Result<Copied> copy_file(int source_fd, int parent_fd, const std::string& name);

// As copy_file with a text instead of a source, mode 0644.
Status make_text(std::string_view text, int parent_fd, const std::string& name);

// Whether `name` in parent_fd is a regular file that holds what source_fd holds: both are read.
Result<bool> has_same_contents(int source_fd, int parent_fd, const std::string& name);

}  // namespace kelp::verbs
