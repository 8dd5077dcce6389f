// SPDX-License-Identifier: Apache-2.0
// A table of flags, and the reader of a command line that such a table describes. One table is all there is
// to a flag: it feeds CLI11, --help, the lint of the manual pages and the refusal of what is not in it.
// What a flag means is not known here.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kelp::cli {

enum class Takes {
  kNothing,        // --flag, --flag=true, --flag=false
  kValue,          // --flag VALUE, --flag=VALUE, -f VALUE, -fVALUE, -f=VALUE
  kOptionalValue,  // --flag, --flag=true, --flag=false, --flag=VALUE: never the next argument
};

struct FlagInfo {
  char letter = 0;             // 'v' for -v; 0: none
  std::string_view name = {};  // "volume", without the dashes
  Takes takes = Takes::kNothing;
  std::string_view value = {};  // what help calls the value: "SRC:DST[:OPTIONS]"
  std::string_view group = {};  // the heading under which help lists it
  std::string_view help = {};   // one sentence, no full stop
};

// A flag of Podman or Docker that is refused, with the reason and what to write instead.
struct Lack {
  char letter = 0;
  std::string_view name = {};
  Takes takes = Takes::kNothing;  // so that what follows is still understood
  std::string_view reason = {};
  std::string_view hint = {};  // may be empty
};

// One flag as it was given.
struct Given {
  std::size_t row = 0;               // in the table
  std::optional<std::string> value;  // none: kNothing, or a kOptionalValue without one, or with true or false
  bool is_on = true;                 // no value: false for --flag=false
  std::string typed;                 // "-v /a:/b": the origin for messages
};

struct CommandLine {
  std::vector<Given> given;       // in the order of the command line
  std::vector<std::string> rest;  // the arguments that are no flags
  bool rest_is_marked = false;    // `--` stood before the first of them
};

enum class Positionals {
  kEndFlags,  // the first argument that is no flag ends the flags (run: what follows is a command)
  kAnywhere,  // flags may follow; `--` ends them
};

// Reads args by the table. Refusals name every unknown flag at once, with the nearest known name; flags of
// `lacks` with its words. Linear in the number of arguments.
Result<CommandLine> read_command_line(std::span<const FlagInfo> table, std::span<const Lack> lacks,
                                      std::span<const std::string> args, Positionals positionals);

// "--volume" for a row.
std::string long_name(const FlagInfo& flag);

}  // namespace kelp::cli
