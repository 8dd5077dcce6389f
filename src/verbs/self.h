// SPDX-License-Identifier: Apache-2.0
// kelp about itself: help, version, and the refusal to run with more rights than its caller.
#pragma once

#include <span>
#include <string>

#include "base/result.h"

namespace kelp::verbs {

// What to do where no verb was named: --help, --version, the hidden --print-flags, or a refusal.
int about(std::span<const std::string> args);

// What comes before any verb: standard streams that are open, the command line remembered for PID 1 to
// forget, and the refusal to run with raised privileges. kelp is neither setuid nor setgid nor has file
// capabilities: what it does it does with its caller's rights (bubblewrap CVE-2020-5291). argv: as main gets
// it.
Status prepare(char** argv);

}  // namespace kelp::verbs
