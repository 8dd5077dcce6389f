// SPDX-License-Identifier: Apache-2.0
// The conditions that profiles of Podman and Docker put on a rule (`includes`, `excludes`). Inside formats/
// only.
#pragma once

#include "base/result.h"
#include "formats/json_reader.h"
#include "formats/seccomp_json.h"

namespace kelp::formats {

// The profiles' names for this machine; empty where kelp knows none.
std::string_view this_architecture();  // SCMP_ARCH_X86_64

// Whether a rule of the list `syscalls` counts here.
Result<bool> applies(const Json& rule, const JsonPlace& at, const ProfilePlace& place);

}  // namespace kelp::formats
