// SPDX-License-Identifier: Apache-2.0
// A program of the host's that runs beside a container and must not outlive kelp.
// Runs in: parent.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sys/process.h"

namespace kelp::sys {

struct TiedProgram {
  std::string path;
  std::vector<std::string> argv;  // from the name on
  int stdin_fd = -1;
  int stdout_fd = -1;
  int stderr_fd = -1;  // also told why it could not be executed
};

// Starts it in "/", in a session of its own (no key of the terminal reaches it), with these descriptors and
// the environment PATH and nothing else. It is killed when this process ends, however that happens.
Result<Process> start_tied(const TiedProgram& program);

}  // namespace kelp::sys
