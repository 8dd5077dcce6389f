// SPDX-License-Identifier: Apache-2.0
// What a file is, as something to execute: whether it is kelp's own, and why it cannot be executed.
// Runs in: child.
#pragma once

#include <string>

#include "base/result.h"
#include "plan/plan.h"

namespace kelp::child {

// An exec of kelp's own file from a writable place would give the container a writable /proc/PID/exe of it.
// The chain of interpreters counts, and names such as /proc/self/exe, since inodes are compared. For the
// message only where the container may write to that file: then kelp-exec executes, whatever is exchanged
// after this look.
Status refuse_own_program(const std::string& path, const plan::Execute& step);

// Why this process may not do `mode` (access(2)) with the file, by the rights that it uses; 0: it may, or
// that cannot be seen before it tries.
int access_refusal(const std::string& path, int mode);

// The errno that execve(2) will answer, as far as that can be seen before; 0: none.
int expected_refusal(const std::string& path);

// Why execve said no, in terms of what is there.
Error explain_exec(const std::string& path, int code);

}  // namespace kelp::child
