// SPDX-License-Identifier: Apache-2.0
// The init that is embedded into kelp (helpers/init): PID 1 of a container that is to be entered from
// outside. Runs in: child.
#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "sys/unique_fd.h"

namespace kelp::child {

// A file of its own in memory, sealed: whoever gets hold of /proc/1/exe can neither change the program that
// runs nor kelp, which it is not.
Result<sys::UniqueFd> open_init_program();

// What it is told; both descriptors are passed on to it.
struct InitArguments {
  pid_t command = -1;
  int status_fd = -1;
  int ready_fd = -1;
};

// Becomes that program, with an empty environment. Comes back only with an error.
Status execute_init(const sys::UniqueFd& program, const InitArguments& arguments);

}  // namespace kelp::child
