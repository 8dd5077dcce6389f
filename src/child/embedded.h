// SPDX-License-Identifier: Apache-2.0
// The programs that are embedded into kelp (helpers/): init, PID 1 of a container that is to be entered from
// outside, and exec, which makes the last execve where the container may write to kelp's own file.
// Runs in: child.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "plan/plan.h"
#include "sys/unique_fd.h"

namespace kelp::child {

enum class Embedded { kInit, kExec };

// A file of its own in memory, sealed: whoever gets hold of /proc/PID/exe can neither change the program that
// runs nor kelp, which it is not.
Result<sys::UniqueFd> open_embedded(Embedded which);

// What the init is told; both descriptors are passed on to it.
struct InitArguments {
  pid_t command = -1;
  int status_fd = -1;
  int ready_fd = -1;
};

// Becomes that program, with an empty environment. Comes back only with an error.
Status execute_init(const sys::UniqueFd& program, const InitArguments& arguments);

// What is executed by kelp-exec, which gets the report pipe. The vectors end with a null pointer. filters:
// installed before; null: none.
struct ExecArguments {
  int report_fd = -1;
  int start_fd = -1;  // it waits there first; -1: it does not
  bool plain_scripts = false;
  const plan::InstallFilters* filters = nullptr;
  const std::vector<Hook>* hooks = nullptr;  // run before that, with a start_fd only
  std::string path;
  const std::vector<char*>& arguments;
  const std::vector<char*>& environment;
};

// Becomes that program. Comes back only with an error; its code is E2BIG where the command has too many
// arguments.
Status execute_by(const sys::UniqueFd& program, const ExecArguments& what);

}  // namespace kelp::child
