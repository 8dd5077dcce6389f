// SPDX-License-Identifier: Apache-2.0
// `kelp-oci` and `kelp oci`: the command line of runc and crun. Each command is in a file of its own.
#pragma once

#include <span>
#include <string>

#include "base/error.h"

namespace kelp::verbs {

int oci(std::span<const std::string> args);

// As oci() says that it cannot.
int refuse_as_oci(const Error& error);

}  // namespace kelp::verbs
