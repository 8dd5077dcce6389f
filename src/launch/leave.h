// SPDX-License-Identifier: Apache-2.0
// Containers that outlive kelp: the parent leaves them, and comes back to say that the command may begin.
// Runs in: parent.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"
#include "launch/start.h"
#include "sys/unique_fd.h"

namespace kelp::launch {

struct Left {
  pid_t pid = -1;
  sys::UniqueFd pidfd;
  sys::UniqueFd terminal;  // the master; invalid: it has none
};

// Lets a container go on alone that was started with Plan::stays. Until this is called its end is that of
// `running`.
Result<Left> leave(const plan::Plan& plan, Running running);

// Says over the socket of Spec::command.start_fd that the command may begin, with the state document for its
// hooks, which is put together around the container's own number for the process. Returns when the command is
// executed. An error is that of a start (its status 126 or 127 for a command that cannot be executed); with
// the code ECONNREFUSED or ENOENT nobody waits there: it has begun already, or has ended.
// `path` is short (sun_path of unix(7)): /proc/self/fd/N/NAME.
Status tell_start(const std::string& path, std::string_view state_before_pid,
                  std::string_view state_after_pid);

}  // namespace kelp::launch
