// SPDX-License-Identifier: Apache-2.0
// All verbs at a glance: for `kelp --help`, and for the lint that compares flags with manual pages.
#pragma once

#include <string>
#include <string_view>

namespace kelp::cli {

std::string program_help();

// The verb that was probably meant; empty where none is near.
std::string_view nearest_verb(std::string_view typed);

// --print-flags: a line "VERB<TAB>--FLAG" or "VERB<TAB>-F" for each flag of each verb; VERB is "-" for kelp's
// own.
std::string print_flags();

}  // namespace kelp::cli
