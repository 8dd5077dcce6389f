// SPDX-License-Identifier: Apache-2.0
// --help of a verb, made from its table of flags: 80 columns, grouped in the order in which groups first
// occur.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/flags.h"

namespace kelp::cli {

struct HelpPage {
  std::string_view usage;  // "kelp run [FLAG...] ROOT [--] [COMMAND [ARG...]]"
  std::string_view about;  // a paragraph, broken into lines here
  std::span<const FlagInfo> flags;
  std::string_view after;  // lines as they are; may be empty
};

std::string help_text(const HelpPage& page);

}  // namespace kelp::cli
