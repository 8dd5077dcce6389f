// SPDX-License-Identifier: Apache-2.0
// Everything that a start depends on, an item each, with what was found and how to mend it. `kelp doctor`
// prints it; the causes are the same that a failed start is explained with. Runs in: parent.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "host/facts.h"
#include "host/machine.h"
#include "host/trial.h"

namespace kelp::host {

// kLimited: kelp has a lesser way that it takes by itself, or something beyond a default start is not to be
// had.
enum class Condition { kOk, kLimited, kMissing };

struct Finding {
  Condition condition = Condition::kOk;
  std::string fact;  // what is there
  std::string why;   // why it is not more
  std::string mend;  // the command or setting
  bool operator==(const Finding&) const = default;
};

// What the checks judge. A plain value but for `machine`, which reads what a cause needs.
struct Situation {
  Machine machine;
  Trial trial;
  Facts facts;  // with ids and overlay_upper
};
Result<Situation> look_around();

struct Check {
  std::string_view name;
  Finding (*examine)(const Situation& situation);
};
std::span<const Check> all_checks();

}  // namespace kelp::host
