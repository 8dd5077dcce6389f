// SPDX-License-Identifier: Apache-2.0
// libyaml, loaded when a file in YAML must be read and never otherwise: it is not linked into kelp.
// Runs in: parent.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace kelp::sys {

// One YAML document as JSON. A scalar without quotes becomes text too (`0` is "0"), but for null: which kind
// it is only who reads the field knows. Refuses aliases, of which a few lines can make gigabytes, tags, and
// keys that are no text.
Result<std::string> json_of_yaml(std::string_view yaml);

}  // namespace kelp::sys
