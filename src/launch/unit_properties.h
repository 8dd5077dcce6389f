// SPDX-License-Identifier: Apache-2.0
// Limits of a cgroup as properties of systemd's unit (systemd.resource-control(5)), which writes its own idea
// of them into the files again whenever it is reloaded.
// Runs in: parent.
#pragma once

#include <vector>

#include "base/result.h"
#include "launch/systemd.h"
#include "plan/plan.h"

namespace kelp::launch {

// Of those settings that have one.
std::vector<Property> properties_of_limits(const std::vector<plan::CgroupSetting>& settings);

// A property that somebody wrote as GVariant text: 'text', true, 5, uint64 5, int32 5.
Result<Property> read_property(const UnitProperty& written);

}  // namespace kelp::launch
