// SPDX-License-Identifier: Apache-2.0
// Lowers the filters of a Spec to programs that the kernel takes.
#include "plan/steps.h"

namespace kelp::plan {

void add_filters(const Seccomp& seccomp, FilterTime time, Steps& steps) {
  InstallFilters install{.time = time};
  Origin origin;
  for (const Filter& filter : seccomp.filters) {
    if (const auto* program = std::get_if<FilterProgram>(&filter.what)) {
      install.programs.push_back(*program);
      install.names.emplace_back("a program of the caller's");
    }
    if (filter.origin.text.empty()) continue;
    if (!origin.text.empty()) origin.text += ' ';
    origin.text += filter.origin.text;
  }
  if (!install.programs.empty()) steps.add(std::move(install), origin);
}

}  // namespace kelp::plan
