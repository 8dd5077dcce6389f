// SPDX-License-Identifier: Apache-2.0
// The filters that were compiled when kelp was built, as data.
#pragma once

#include <span>
#include <string_view>

#include "spec/seccomp.h"

namespace kelp::filters {

enum class Machine {
  kX86,      // x86-64 and i386; x32 is refused
  kAarch64,  // aarch64 alone
  kOther,    // kelp has no filters for it
};

// The machine that kelp runs on.
Machine this_machine();

// Empty for kOther.
std::span<const FilterInstruction> code_of(BuiltInFilter filter, Machine machine);

// The default filter where these sets give something back.
std::span<const FilterInstruction> default_code(GivingSets given_back, Machine machine);

// Whether numbers.txt has a call of this name: newer than some libseccomp.
bool is_known_call(std::string_view name);

}  // namespace kelp::filters
