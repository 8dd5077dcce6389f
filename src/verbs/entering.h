// SPDX-License-Identifier: Apache-2.0
// What one more process in a container that runs needs to know of it (spec/foreign.h, EnteredContainer).
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "spec/namespaces.h"

namespace kelp::verbs {

// Kinds whose namespace is another than ours.
Result<std::vector<Namespace>> other_namespaces(pid_t pid);

// The level of a container's cgroup that holds processes; empty for none.
std::string cgroup_to_enter(const std::string& cgroup);

// What its user namespace maps.
enum class RootIds { kNone, kOnlyRoot, kOneOfMany };
Result<RootIds> root_ids_of(pid_t pid);

}  // namespace kelp::verbs
