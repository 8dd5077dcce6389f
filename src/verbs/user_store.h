// SPDX-License-Identifier: Apache-2.0
// Where a user's containers are kept: a directory for those of kelp-oci, and one for those of `kelp run`.
#pragma once

#include <string_view>

#include "base/result.h"
#include "state/store.h"

namespace kelp::verbs {

inline constexpr std::string_view kOfOci = "oci";
inline constexpr std::string_view kOfRun = "run";

// $XDG_RUNTIME_DIR/kelp/KIND, /run/user/UID/kelp/KIND or /tmp/kelp-UID/KIND; /run/kelp/KIND as root.
Result<state::Store> open_user_store(std::string_view kind);

// In a user namespace (Podman's, for one) root is somebody's root.
bool is_root_of_machine();

}  // namespace kelp::verbs
