// SPDX-License-Identifier: Apache-2.0
// From the command's exec to its end: signals, terminal, timeout.
// Runs in: parent.
#pragma once

#include <sys/resource.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "launch/start.h"

namespace kelp::launch {

struct Finished {
  int wait_status = 0;  // of the command, as waitpid(2) gives it
  bool timed_out = false;
  rusage usage{};  // of all that ran inside
  std::uint64_t wall_us = 0;
  std::optional<CgroupUsage> cgroup;  // where the container has one
  std::vector<std::string> warnings;  // what is left behind
  // Where --timeout or a signal that the container was told of bounds what kelp still has to say.
  std::optional<std::uint64_t> deadline_us;
};

// Waits for the end of the container. When it returns, no process of it is left.
Result<Finished> wait(const plan::Plan& plan, Running running);

}  // namespace kelp::launch
