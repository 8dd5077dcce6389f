// SPDX-License-Identifier: Apache-2.0
// The table of verbs and flags. Inside oci/ only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "oci/arguments.h"

namespace kelp::oci {

using VerbSet = std::uint32_t;
constexpr VerbSet only(Verb verb) { return 1U << static_cast<unsigned>(verb); }

using Switch = bool Arguments::*;
using Text = std::optional<std::string> Arguments::*;
using Number = std::optional<std::uint64_t> Arguments::*;
using List = std::vector<std::string> Arguments::*;

struct Flag {
  VerbSet verbs;          // Verb::kNone: before the verb
  std::string_view name;  // without dashes
  char letter;            // 0: none
  std::variant<Switch, Text, Number, List> to;
  std::string_view value;  // what stands for it in the help
  std::string_view help;
};
std::span<const Flag> flags();

struct VerbRow {
  Verb verb;
  std::string_view name;
  std::string_view arguments;  // for the help
  std::string_view help;
  std::size_t least, most;  // of words that are no flags, the id included
  bool ends_flags;          // what follows the first word is not ours to read
};
std::span<const VerbRow> verbs();

}  // namespace kelp::oci
