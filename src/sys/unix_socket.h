// SPDX-License-Identifier: Apache-2.0
// UNIX sockets that have a path (unix(7)). Runs in: parent.
#pragma once

#include <string>

#include "base/result.h"
#include "sys/unique_fd.h"

namespace kelp::sys {

// A socket of that type (SOCK_STREAM …), connected to the one at the path, which may be longer than a
// sockaddr_un takes.
Result<UniqueFd> connect_unix(const std::string& path, int type);

}  // namespace kelp::sys
