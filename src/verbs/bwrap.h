// SPDX-License-Identifier: Apache-2.0
// `kelp bwrap`, also as `bwrap`: what programs that start bubblewrap can start instead.
#pragma once

#include <span>
#include <string>

#include "base/error.h"

namespace kelp::verbs {

// The result is bubblewrap's exit status: 1 for failures of its own.
int bwrap(std::span<const std::string> args);

// Why kelp cannot run at all, in bubblewrap's words.
int refuse_as_bwrap(const Error& error);

}  // namespace kelp::verbs
