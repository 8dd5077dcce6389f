// SPDX-License-Identifier: Apache-2.0
// The container's cgroup where others manage it: an engine has chosen its name, or systemd makes it for a
// unit. It stays when kelp ends, and goes when the container is deleted.
// Runs in: parent.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "launch/cgroup.h"
#include "plan/plan.h"

namespace kelp::launch {

// The only cgroup in one that others manage; the processes are there. As crun calls it: engines know that
// they may be one level below.
inline constexpr const char* kLevelInside = "container";

// Makes what the plan names, with all that is missing on the way, and proves that its settings are in force.
// None where the plan can do without and we may make none; none yet where systemd will make it.
Result<Cgroup> make_managed_cgroup(const plan::ManagedCgroup& plan);

// Has systemd start the plan's unit with the process in it, and limits the cgroup that it made.
Status enter_unit(const plan::ManagedCgroup& wanted, pid_t pid, std::optional<std::uint64_t> deadline_us,
                  Cgroup& cgroup);

// Ends what is left in such a cgroup, and removes it. One that is not there is no error.
Status remove_managed_cgroup(const std::string& directory);

// Writes further settings to one, and proves them: those of `update`. Where it is a unit's, systemd is told
// too, which would else take them back.
Status change_managed_cgroup(const std::string& directory, const plan::ManagedCgroup& wanted);

}  // namespace kelp::launch
