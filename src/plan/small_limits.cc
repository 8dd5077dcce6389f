// SPDX-License-Identifier: Apache-2.0
// Limits under which the kernel ends a program while it starts, by a signal and without a word.
#include <sys/resource.h>

#include <algorithm>
#include <array>

#include "base/counted.h"
#include "base/text.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

struct Least {
  int resource = 0;
  std::uint64_t amount = 0;
  std::string_view unit = {};
  std::string_view of = {};
};

// About what the smallest static programs need. The C library alone takes 2 MB of address space; and values
// meant as the KiB of a shell's ulimit are the usual slip.
constexpr auto kLeast = std::to_array<Least>({
    {.resource = RLIMIT_AS, .amount = 1U << 20U, .unit = "byte", .of = " of address space"},
    {.resource = RLIMIT_DATA, .amount = 1U << 16U, .unit = "byte", .of = " of data"},
    {.resource = RLIMIT_STACK, .amount = 1U << 14U, .unit = "byte", .of = " of stack"},
    {.resource = RLIMIT_NOFILE, .amount = 4, .unit = "descriptor"},
});

}  // namespace

void warn_of_small_limits(Plan& plan) {
  for (const Step& step : plan.child) {
    const auto* set = std::get_if<SetLimit>(&step.what);
    if (set == nullptr) continue;
    const auto* least = std::ranges::find(kLeast, set->limit.resource, &Least::resource);
    if (least == kLeast.end() || set->limit.soft >= least->amount) continue;
    plan.warnings.push_back(cat("hardly a program starts with ", counted(set->limit.soft, least->unit),
                                least->of, " (", step.origin.text, ")"));
  }
}

}  // namespace kelp::plan
