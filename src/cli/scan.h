// SPDX-License-Identifier: Apache-2.0
// The look over a command line before CLI11 gets it: where the flags end, which rows of the table occur,
// which flags nobody knows, and each flag in the one spelling that CLI11 reads without a surprise (it would
// take the next argument for the value of `--name=`, and has no Podman-like `-v=VALUE`).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/flags.h"

namespace kelp::cli {

struct Scan {
  std::vector<Given> given;  // `value` is only there or not there: CLI11 says what it is
  std::vector<std::string>
      normal;  // --name, --name=VALUE (optional values), --name and VALUE (required ones)
  std::vector<std::string> rest;
  bool rest_is_marked = false;
  std::vector<Error> unknown;  // one a flag, in order
};

// Fails on a known flag that is spelled wrong (no value, a value too many); unknown ones are collected first.
Result<Scan> scan(std::span<const FlagInfo> table, std::span<const Lack> lacks,
                  std::span<const std::string> args, Positionals positionals);

}  // namespace kelp::cli
