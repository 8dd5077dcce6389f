// SPDX-License-Identifier: Apache-2.0
// What `kelp run` looks at before it shares a device of the host.
#pragma once

#include <string>

#include "cli/surroundings.h"

namespace kelp::verbs {

// Follows links. Nothing is opened: a device may do something when it is.
cli::HostNode look_at(const std::string& path);

// DT_SONAME of a shared library; empty where the file is none, or cannot be read.
std::string library_name(const std::string& path);

}  // namespace kelp::verbs
