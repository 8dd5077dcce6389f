// SPDX-License-Identifier: Apache-2.0
// Seccomp profiles in JSON: the object that the OCI runtime specification calls `linux.seccomp`, and what
// Podman and Docker keep in files, which has conditions in addition (archMap, includes, excludes).
#pragma once

#include <string_view>

#include "base/result.h"
#include "spec/capabilities.h"
#include "spec/seccomp_profile.h"

namespace kelp::formats {

// What the conditions ask for.
struct ProfilePlace {
  CapabilityMask capabilities = 0;  // that the command may have
};

// Refuses, with the JSON path, what it does not know: a word that is skipped may be the one that forbids.
Result<SeccompProfile> read_seccomp_profile(std::string_view text, const ProfilePlace& place);

// Whether a file is JSON, and not BPF: its first byte that is no blank is a brace.
bool looks_like_json(std::string_view bytes);

}  // namespace kelp::formats
