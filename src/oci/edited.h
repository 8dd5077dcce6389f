// SPDX-License-Identifier: Apache-2.0
// A container's saved config.json with other limits, as `update` has it. Text to text, so that whatever comes
// of it is read by the same reader as at the start.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "oci/arguments.h"

namespace kelp::oci {

// The configuration with nothing else in linux.resources than `update` is to change: `resources` is the text
// of --resources.
Result<std::string> config_for_update(std::string_view config, const Arguments& arguments,
                                      const std::optional<std::string>& resources);

}  // namespace kelp::oci
