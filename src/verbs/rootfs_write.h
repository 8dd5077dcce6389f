// SPDX-License-Identifier: Apache-2.0
// A tree becomes a directory on disk. What is there already stays; what is there and differs is refused
// before anything is written. The directory may hold links made by somebody hostile: nothing is ever made
// outside of it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "verbs/rootfs_tree.h"

namespace kelp::verbs {

struct RootChange {
  enum class What { kCopied, kLinked, kMade, kUnchanged };
  What what = What::kUnchanged;
  std::string path;                  // in the root
  std::string target;                // of a link
  std::uint64_t bytes = 0;           // of a file that was copied
  std::vector<std::string> dropped;  // rights of the host's file that the copy has not
};

// Makes what `tree` wants and `directory` lacks; tells of each path at once, in order. The directory itself
// is made if it is missing, its parent is not. A run that fails or is killed leaves a root that the next run
// completes.
Status write_tree(const Tree& tree, const std::string& directory,
                  const std::function<void(const RootChange&)>& tell);

}  // namespace kelp::verbs
