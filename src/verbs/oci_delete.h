// SPDX-License-Identifier: Apache-2.0
// The end of a container: its processes, its cgroup, its hooks, its files. Shared by `delete` and `run`.
#pragma once

#include "base/result.h"
#include "state/record.h"
#include "state/store.h"
#include "verbs/oci_log.h"

namespace kelp::verbs {

// Kills what still runs of it, and waits for the end.
Status end_processes(const state::Record& record);

// Removes what is left of one that has ended; the caller holds it. A poststop hook that fails is a warning
// (runtime.md, "Lifecycle"). Done again after a kill at any moment, it does the rest.
Status remove_container(const state::Store& store, state::Entry entry, const state::Record& record,
                        const OciLog& log);

}  // namespace kelp::verbs
