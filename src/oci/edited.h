// SPDX-License-Identifier: Apache-2.0
// A container's saved config.json as a later command changes it: another process for `exec`, other limits for
// `update`. Text to text, so that whatever comes of it is read by the same reader as at the start.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "oci/arguments.h"

namespace kelp::oci {

// The configuration with the process of `exec`: that of --process, or its own with what the flags say. It has
// a terminal only where --tty or that file asks for one.
Result<std::string> config_for_exec(std::string_view config, const Arguments& arguments,
                                    const std::optional<std::string>& process);

// The configuration with nothing else in linux.resources than `update` is to change: `resources` is the text
// of --resources.
Result<std::string> config_for_update(std::string_view config, const Arguments& arguments,
                                      const std::optional<std::string>& resources);

}  // namespace kelp::oci
