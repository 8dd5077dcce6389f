// SPDX-License-Identifier: Apache-2.0
// What a filter of anybody's answers to a system call, found out without making it.
#pragma once

#include <cstdint>
#include <optional>

#include "spec/seccomp.h"

namespace kelp::filters {

// The answer (SECCOMP_RET_*) to the call of this number by a program of this machine, whatever its arguments
// are. Nothing where the filter looks at them, or is not followed here.
std::optional<std::uint32_t> answer_to(const FilterCode& code, std::uint32_t number);

}  // namespace kelp::filters
