// SPDX-License-Identifier: Apache-2.0
// Single causes of refused id ranges. Each looks at one thing and gives nothing where it is not so.
// Runs in: parent.
#pragma once

#include <optional>

#include "host/causes.h"

namespace kelp::host {

std::optional<Cause> no_helpers(const Machine& machine);
std::optional<Cause> helper_gains_nothing(const Machine& machine);  // no setuid bit, nosuid, no_new_privs
std::optional<Cause> no_ranges(const Machine& machine);
std::optional<Cause> under_no_new_privs(const Machine& machine);

}  // namespace kelp::host
