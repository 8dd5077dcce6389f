// SPDX-License-Identifier: Apache-2.0
// Lists of processors and of memory nodes ("0-3,7"). Inside oci/ only.
#pragma once

#include <optional>
#include <string_view>

#include "spec/scheduling.h"

namespace kelp::oci {

// Greater ones no kernel is built for (NR_CPUS, MAX_NUMNODES).
inline constexpr std::uint32_t kMostCpu = 8191;
inline constexpr std::uint32_t kMostNode = 1023;

// Ascending, each once; nothing where the text is no such list. Blanks around numbers are fine, and so is an
// empty text.
std::optional<CpuSet> read_numbers(std::string_view text, std::uint32_t most);

}  // namespace kelp::oci
