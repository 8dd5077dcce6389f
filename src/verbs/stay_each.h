// SPDX-License-Identifier: Apache-2.0
// A verb that takes several containers: each in turn, and an error of one does not keep it from the others.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/result.h"
#include "cli/stay.h"
#include "state/store.h"

namespace kelp::verbs {

// What is done to one; gives the exit status.
using OfEach = std::function<Result<int>(const state::Store& store, const cli::StayRequest& request,
                                         const std::string& name)>;

// Reads the command line, and gives the last status that is not 0.
int for_each(cli::StayVerb verb, std::span<const std::string> args, const OfEach& act);

}  // namespace kelp::verbs
