// SPDX-License-Identifier: Apache-2.0
// Names of the system calls that a start makes, with the operation where one number stands for many calls:
// "openat", "prctl(PR_SET_NO_NEW_PRIVS)", and "fstat" for newfstatat on a descriptor itself. A call without a
// name here is "number 123".
#pragma once

#include <cstdint>
#include <string>

namespace kelp::faults {

std::string name_of(std::uint64_t number, const std::uint64_t (&arguments)[6]);

}  // namespace kelp::faults
