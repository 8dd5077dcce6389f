// SPDX-License-Identifier: Apache-2.0
// The processes of a container: which they are, and a signal to each. Works when its first one is gone.
#pragma once

#include <sys/types.h>

#include <vector>

#include "base/result.h"
#include "state/record.h"

namespace kelp::verbs {

// By its cgroup and those below; where it has none by its pid namespace, as long as its first process lives.
// Sorted.
Result<std::vector<pid_t>> processes_of(const state::Record& record);

// SIGKILL goes by cgroup.kill where the kernel has it (5.14), else until none is left.
Status signal_all(const state::Record& record, int signal);

}  // namespace kelp::verbs
