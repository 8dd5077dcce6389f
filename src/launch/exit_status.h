// SPDX-License-Identifier: Apache-2.0
// What kelp exits with when the command has run (kelp(1), EXIT STATUS).
// Runs in: parent.
#pragma once

#include <sys/wait.h>

#include "base/error.h"
#include "launch/wait.h"

namespace kelp::launch {

// The command's own status; 128+N where signal N ended it; 124 where --timeout ran out.
inline int exit_status_of(const Finished& finished) {
  if (finished.timed_out) return kExitTimeout;
  if (WIFSIGNALED(finished.wait_status)) return 128 + WTERMSIG(finished.wait_status);
  return WEXITSTATUS(finished.wait_status);
}

}  // namespace kelp::launch
