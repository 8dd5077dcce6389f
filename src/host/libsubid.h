// SPDX-License-Identifier: Apache-2.0
// Subordinate ids that do not come from the files: shadow's libsubid, loaded only where /etc/nsswitch.conf
// has a `subid:` line that names another source (sss, ldap). Loading it costs more than half of a start. Runs
// in: parent.
#pragma once

#include <string_view>

#include "host/subids.h"

namespace kelp::host {

// Whether the text of nsswitch.conf(5) names a source of subordinate ids beside the files.
bool names_other_subid_source(std::string_view nsswitch);

struct SubordinateIds {
  RangeList users;
  RangeList groups;
};

// The owner's ranges as libsubid tells them. A library that cannot be loaded is a warning and no range.
SubordinateIds ranges_by_libsubid(const RangeOwner& owner);

}  // namespace kelp::host
