// SPDX-License-Identifier: Apache-2.0
// What `kelp run` adds to a failure: hints about its own flags, for causes that are seen on the host.
#pragma once

#include "base/error.h"

namespace kelp::verbs {

// has_directory: where the command starts has been said. An error that has a hint keeps it.
Error with_hints_of_run(const Error& error, bool has_directory);

}  // namespace kelp::verbs
