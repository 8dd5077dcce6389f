// SPDX-License-Identifier: Apache-2.0
// A transient scope of systemd's (systemd.scope(5)) with kelp in it, and its cgroup delegated to kelp. It
// goes with its last process, however that ends. Runs in: parent.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "plan/plan.h"

namespace kelp::launch {

// Asks systemd by D-Bus and waits for the job, not beyond the deadline (CLOCK_MONOTONIC, --timeout) and 25
// seconds at most. Afterwards kelp is in the scope, alone. Errors: libsystemd is not installed, systemd
// refuses or is silent. To be called while signals still end kelp.
Status enter_scope(const plan::Scope& scope, std::optional<std::uint64_t> deadline_us);

}  // namespace kelp::launch
