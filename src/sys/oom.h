// SPDX-License-Identifier: Apache-2.0
// What the out-of-memory killer thinks of this process and of what it starts (proc_pid_oom_score_adj(5)).
// Runs in: child.
#pragma once

#include "base/result.h"

namespace kelp::sys {

// -1000 to 1000. By the machine's /proc. To make it less likely to be killed takes CAP_SYS_RESOURCE.
Status set_oom_score(int score);

}  // namespace kelp::sys
