// SPDX-License-Identifier: Apache-2.0
// Where the files lie that kelp is installed with.
#pragma once

#include <string>
#include <vector>

namespace kelp::verbs {

// As it was built to be installed; and beside bin/, where it lies otherwise.
std::vector<std::string> data_directories();

}  // namespace kelp::verbs
