// SPDX-License-Identifier: Apache-2.0
// The values of --userns and --user.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "spec/ids.h"

namespace kelp::cli {

// auto, single, keep-id, or INSIDE:HOST:COUNT,… where an entry may start with `u` (users only) or `g` (groups
// only). typed names the flag in refusals and becomes the origin.
Result<Ids> read_userns(std::string_view value, const std::string& typed);

// USER[:GROUP]. All digits is a number, 0 … 2^32-2, and never looked up as a name.
Result<User> read_user(std::string_view value, const std::string& typed);

}  // namespace kelp::cli
