// SPDX-License-Identifier: Apache-2.0
// --console-socket: the other end of the container's terminal for whoever listens there, as runc sends it.
#pragma once

#include <string>

#include "base/result.h"
#include "oci/arguments.h"
#include "sys/unique_fd.h"

namespace kelp::verbs {

// Whether the terminal and the flags go together: who does not wait for the container needs somebody to have
// its terminal.
Status check_console(const oci::Arguments& arguments, bool has_terminal, bool detaches);

// Connected before anything is made. Invalid: there was no such flag.
Result<sys::UniqueFd> connect_console(const oci::Arguments& arguments);
Status send_console(const sys::UniqueFd& socket, int master_fd);

}  // namespace kelp::verbs
