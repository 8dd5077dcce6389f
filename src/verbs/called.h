// SPDX-License-Identifier: Apache-2.0
// By which of its names kelp was called: each has a command line of its own.
#pragma once

#include <string_view>

namespace kelp::verbs {

// Whether this program was called by this name, or its file is called so. argv0: as main gets it.
bool is_called(const char* argv0, std::string_view name);

}  // namespace kelp::verbs
