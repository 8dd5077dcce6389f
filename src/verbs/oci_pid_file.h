// SPDX-License-Identifier: Apache-2.0
// --pid-file: who reads it finds a whole number or no file.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace kelp::verbs {

Status write_pid_file(const std::string& path, pid_t pid);

}  // namespace kelp::verbs
