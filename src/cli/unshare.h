// SPDX-License-Identifier: Apache-2.0
// The command line of `kelp unshare`.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/flags.h"
#include "spec/ids.h"

namespace kelp::cli {

struct UnshareRequest {
  Ids ids;                               // as of `kelp run`, so that files look the same
  std::optional<std::string> directory;  // none: where kelp is
  std::vector<std::string> argv;         // empty: the caller's shell
  bool help = false;                     // then nothing else is filled
};

std::span<const FlagInfo> unshare_flags();
std::string unshare_help();
Result<UnshareRequest> read_unshare(std::span<const std::string> args);

}  // namespace kelp::cli
