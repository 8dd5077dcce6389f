// SPDX-License-Identifier: Apache-2.0
// The command line of `kelp exec`.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/flags.h"
#include "cli/surroundings.h"
#include "spec/process.h"

namespace kelp::cli {

struct ExecRequest {
  std::string name;                      // of the container
  std::vector<std::string> argv;         // empty: its shell
  std::vector<std::string> environment;  // NAME=VALUE, besides the container's
  std::optional<std::string> directory;
  std::optional<User> user;
  TerminalMode terminal = TerminalMode::kAuto;
  bool help = false;  // then nothing else is filled
};

std::span<const FlagInfo> exec_flags();
std::string exec_help();
Result<ExecRequest> read_exec(std::span<const std::string> args, const Surroundings& around);

}  // namespace kelp::cli
