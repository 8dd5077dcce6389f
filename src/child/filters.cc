// SPDX-License-Identifier: Apache-2.0
// The filters of system calls that the command runs under. They are ready programs: nothing is compiled here.
// Runs in: child.
#include "child/context.h"
#include "sys/seccomp.h"

namespace kelp::child {
namespace {

Status install(const plan::InstallFilters& step, Context& context) {
  context.index = 0;
  for (const FilterProgram& program : step.programs) {
    static_assert(sizeof(FilterInstruction) == sys::kFilterInstructionSize);
    if (Status s = sys::install_filter(program.code.data(), program.code.size(), program.flags); !s) return s;
    ++context.index;
  }
  return {};
}

}  // namespace

Status perform(const plan::InstallFilters& step, Context& context) {
  if (step.time == plan::FilterTime::kHere) return install(step, context);
  context.filters = &step;
  context.filter_step = context.step;
  return {};
}

Status install_waiting_filters(Context& context) {
  if (context.filters == nullptr) return {};
  const std::uint32_t step = context.step;
  context.step = context.filter_step;
  if (Status s = install(*context.filters, context); !s) return s;
  // Of several places of PATH the first may refuse to be executed: once is enough.
  context.filters = nullptr;
  context.step = step;
  context.index = 0;
  return {};
}

}  // namespace kelp::child
