// SPDX-License-Identifier: Apache-2.0
// The options about the command's environment and capabilities. Inside bwrap/ only.
#pragma once

#include "bwrap/draft.h"

namespace kelp::bwrap {

Status set_variable(Draft& draft, Values values);
Status unset_variable(Draft& draft, Values values);
Status clear_environment(Draft& draft, Values values);
Status add_capability(Draft& draft, Values values);
Status drop_capability(Draft& draft, Values values);

}  // namespace kelp::bwrap
