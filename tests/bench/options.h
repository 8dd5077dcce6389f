// SPDX-License-Identifier: Apache-2.0
// The command line of kelp-bench.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rounds.h"

namespace kelp::bench {

struct Options {
  Effort effort;
  std::vector<std::string> only;  // rows, `memory`, `linear`; empty: all
  std::string kelp;
  std::string json_file;
  std::string markdown_file;
  bool must_check = false;
  bool needs_peers = false;
  bool is_profile = false;
  bool is_help = false;

  bool wants(const std::string& row) const;
};

std::string help();

// Throws Failure with a sentence about the first thing that it cannot read.
Options read_options(std::span<char* const> arguments);

}  // namespace kelp::bench
