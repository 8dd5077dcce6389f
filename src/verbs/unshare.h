// SPDX-License-Identifier: Apache-2.0
// `kelp unshare`: a shell or command inside the same id map on this machine's own files, so that what belongs
// to subordinate ids can be listed, repaired or deleted.
#pragma once

#include <span>
#include <string>

namespace kelp::verbs {

// args: what follows `unshare`. The result is kelp's exit status.
int unshare(std::span<const std::string> args);

}  // namespace kelp::verbs
