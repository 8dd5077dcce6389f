// SPDX-License-Identifier: Apache-2.0
// The checks of doctor that are about ids; their table is in checks.cc.
// Runs in: parent.
#pragma once

#include <optional>
#include <string>

#include "host/checks.h"

namespace kelp::host {

// Shared by all checks.
Finding ok(std::string fact);
Finding less(Condition condition, std::string fact, std::optional<Cause> cause);

Finding check_no_new_privs(const Situation& at);
Finding check_subordinate_ids(const Situation& at);
Finding check_id_helpers(const Situation& at);
Finding check_file_capabilities(const Situation& at);

}  // namespace kelp::host
