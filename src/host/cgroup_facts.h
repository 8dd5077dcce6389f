// SPDX-License-Identifier: Apache-2.0
// Where this caller can make a cgroup v2, and which controllers it has there (cgroups(7)).
// Runs in: parent.
#pragma once

#include <sys/types.h>

#include <string>

#include "host/facts.h"
#include "host/machine.h"

namespace kelp::host {

// `parent` is what --cgroup-parent names as a path; empty: nothing, or a slice.
CgroupFacts probe_cgroups(const Machine& machine, const std::string& parent);

// Our own cgroup's directory; empty: there is none within reach. What systemd has just moved us to is looked
// up the same way.
std::string own_cgroup(const Machine& machine);
// The same of another process.
std::string cgroup_of(const Machine& machine, pid_t pid);

}  // namespace kelp::host
