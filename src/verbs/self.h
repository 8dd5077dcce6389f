// SPDX-License-Identifier: Apache-2.0
// kelp about itself: help, version, and the refusal to run with more rights than its caller.
#pragma once

#include <span>
#include <string>

#include "base/result.h"

namespace kelp::verbs {

// What to do where no verb was named: --help, --version, the hidden --print-flags, or a refusal.
int about(std::span<const std::string> args);

// kelp is neither setuid nor setgid nor has file capabilities: what it does it does with its caller's rights
// (bubblewrap CVE-2020-5291).
Status refuse_raised_privileges();

}  // namespace kelp::verbs
