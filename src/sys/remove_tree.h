// SPDX-License-Identifier: Apache-2.0
// Removes a directory with all that is in it, however deep, though whoever filled it may be hostile.
// Runs in: both.
#pragma once

#include <string>

#include "base/result.h"

namespace kelp::sys {

// Removes the directory `name` of dir_fd. Walks by descriptors of its own, follows no link and enters no
// mount (EXDEV); a directory without permissions is opened up where we may. Needs two descriptors and no
// stack, whatever the depth. It stops at the first failure: what was there before is then partly gone, in
// another order. Absent is fine.
Status remove_tree(int dir_fd, const std::string& name);

}  // namespace kelp::sys
