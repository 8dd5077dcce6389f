// SPDX-License-Identifier: Apache-2.0
// The filters that were compiled when kelp was built; see filters.h.
#include "filters/filters.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace kelp::filters {
namespace {

#include "filters/compiled_filters.inc"

}  // namespace

Machine this_machine() {
#if defined(__x86_64__)
  return Machine::kX86;
#elif defined(__aarch64__)
  return Machine::kAarch64;
#else
  return Machine::kOther;
#endif
}

std::span<const FilterInstruction> code_of(BuiltInFilter filter, Machine machine) {
  const auto index = static_cast<std::size_t>(filter);
  switch (machine) {
    case Machine::kX86: return kX86[index];
    case Machine::kAarch64: return kAarch64[index];
    case Machine::kOther: break;
  }
  return {};
}

std::span<const FilterInstruction> default_code(GivingSets given_back, Machine machine) {
  switch (machine) {
    case Machine::kX86: return kX86Defaults[given_back & kEveryGivingSet];
    case Machine::kAarch64: return kAarch64Defaults[given_back & kEveryGivingSet];
    case Machine::kOther: break;
  }
  return {};
}

bool is_known_call(std::string_view name) {
  return std::find(std::begin(kNewerCalls), std::end(kNewerCalls), name) != std::end(kNewerCalls);
}

}  // namespace kelp::filters
