// SPDX-License-Identifier: Apache-2.0
// What lay at the place of a new file system is copied into it ("tmpcopyup"). Runs in: child.
#pragma once

#include <string>

#include "base/result.h"

namespace kelp::child {

// All below one directory into another, by descriptors (O_PATH will do): files, directories, links and FIFOs
// with their owners and modes. Sockets are left out. `path` is for messages.
Status copy_up(int from_fd, int to_fd, const std::string& path);

}  // namespace kelp::child
