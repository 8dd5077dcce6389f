// SPDX-License-Identifier: Apache-2.0
// The findings of doctor as text for people and as JSON for programs.
#pragma once

#include <span>
#include <string>

#include "host/checks.h"

namespace kelp::verbs {

struct DoctorItem {
  std::string name;
  host::Finding finding;
};

enum class Colour { kNever, kYes };

// A line an item; `why:` and `mend:` below it where there is something to say.
std::string doctor_text(std::span<const DoctorItem> items, Colour colour);

// {"version":1,"full_strength":…,"items":[{"name","condition","fact","why","mend"}…]}; what is not said is
// null.
std::string doctor_json(std::span<const DoctorItem> items);

// Nothing is missing; what is only limited does not count.
bool is_full_strength(std::span<const DoctorItem> items);

}  // namespace kelp::verbs
