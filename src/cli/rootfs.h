// SPDX-License-Identifier: Apache-2.0
// The command line of `kelp rootfs`.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/flags.h"

namespace kelp::cli {

struct RootfsRequest {
  std::string directory;              // where the root is made
  std::vector<std::string> programs;  // names (to be found in PATH) or paths
  std::vector<std::string> with;      // further files and directories, absolute
  bool json = false;
  bool help = false;  // then nothing else is filled
};

std::span<const FlagInfo> rootfs_flags();
std::string rootfs_help();

// args: what follows `rootfs`, the sub-verb `make` included. Touches nothing.
Result<RootfsRequest> read_rootfs(std::span<const std::string> args);

}  // namespace kelp::cli
