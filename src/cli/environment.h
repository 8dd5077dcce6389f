// SPDX-License-Identifier: Apache-2.0
// The environment by flags: -e, --env-file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/surroundings.h"

namespace kelp::cli {

// NAME=VALUE as it is; NAME: the caller's, if there is one; NAME*: all of the caller's that begin so.
// Appends to entries. typed names the flag in a refusal.
Status add_variable(std::string_view value, const Surroundings& around, const std::string& typed,
                    std::vector<std::string>& entries);

// Podman's and Docker's format: one variable a line as above, taken literally (no quotes, no escapes); empty
// lines and lines that begin with # are skipped; blanks before a name and a carriage return at the end are
// not part of a line.
Status add_variables_of_file(std::string_view content, const Surroundings& around, const std::string& typed,
                             std::vector<std::string>& entries);

}  // namespace kelp::cli
