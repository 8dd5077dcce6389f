// SPDX-License-Identifier: Apache-2.0
// A transient scope of systemd's (systemd.scope(5)) with kelp in it, and its cgroup delegated to kelp. It
// goes with its last process, however that ends. Runs in: parent.
#pragma once

#include "base/result.h"
#include "plan/plan.h"

namespace kelp::launch {

// Asks systemd by D-Bus and waits for the job. Afterwards kelp is in the scope, alone. Errors: libsystemd is
// not installed, or systemd refuses.
Status enter_scope(const plan::Scope& scope);

}  // namespace kelp::launch
