// SPDX-License-Identifier: Apache-2.0
// What one more process in a container that runs needs to know of it (spec/foreign.h, EnteredContainer).
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "spec/namespaces.h"
#include "state/record.h"

namespace kelp::verbs {

// Kinds whose namespace is another than ours, of the container's first process. One that has left the user
// namespace that it was born in is an error: another one, of its own making, could keep from a process that
// enters what limits the first one, its groups for one.
Result<std::vector<Namespace>> other_namespaces(const state::Record& record);
// The same of that alone.
Status check_user_namespace(const state::Record& record);

// The level of a container's cgroup that holds processes; empty for none.
std::string cgroup_to_enter(const std::string& cgroup);

// What its user namespace maps.
enum class RootIds { kNone, kOnlyRoot, kOneOfMany };
Result<RootIds> root_ids_of(pid_t pid);

}  // namespace kelp::verbs
