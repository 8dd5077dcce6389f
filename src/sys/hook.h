// SPDX-License-Identifier: Apache-2.0
// Hooks of an OCI configuration (config.md, "POSIX-platform Hooks"): programs that are run to their end at a
// point of a container's life. hook_call.h is what does it.
// Runs in: both.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "sys/hook_call.h"

namespace kelp::sys {

struct HookProgram {
  std::string path;
  std::vector<std::string> args;         // with args[0]; empty: the path alone
  std::vector<std::string> environment;  // all of it
  std::optional<std::uint32_t> timeout_s;
};

// Waits for its end. `state` goes to its standard input, one part after the other. An error tells how it
// ended and what it said last.
Status run_hook(const HookProgram& hook, std::array<std::string_view, 3> state);

// The words for one that did not do well.
Error hook_failure(const std::string& path, HookEnd end, int value, std::string_view said);

inline constexpr std::size_t kMostOfHookWords = 1024;

}  // namespace kelp::sys
