// SPDX-License-Identifier: Apache-2.0
// Rules → classic BPF. The architecture first: an unknown one is killed. Then a binary tree over ranges of
// numbers with the same answer, then the arguments. Runs while kelp is built.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "filters/compiler/table.h"
#include "spec/seccomp.h"

namespace kelp::filters {

// What one number of an architecture gets.
struct NumberRule {
  std::uint32_t number = 0;
  const Rule* rule = nullptr;
};

struct Architecture {
  std::uint32_t token = 0;          // AUDIT_ARCH_*
  std::vector<NumberRule> numbers;  // any order, no number twice
  // Numbers from here on belong to another interface of the same token (x32) and are refused with ENOSYS;
  // 0: there is none.
  std::uint32_t foreign_from = 0;
  // That interface's bit, where it is answered alike; then foreign_from is 0.
  std::uint32_t same_bit = 0;
};

Result<FilterCode> emit(const Table& table, std::span<const Architecture> architectures);

}  // namespace kelp::filters
