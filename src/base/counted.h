// SPDX-License-Identifier: Apache-2.0
// A number with its noun, as every sentence that counts something needs it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"

namespace kelp {

// "1 file", "2 files".
inline std::string counted(std::uint64_t count, std::string_view noun) {
  return cat(count, " ", noun, count == 1 ? "" : "s");
}

}  // namespace kelp
