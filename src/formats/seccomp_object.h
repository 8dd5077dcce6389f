// SPDX-License-Identifier: Apache-2.0
// The object `linux.seccomp` of a config.json (config-linux.md, "Seccomp"). What it does not know is ignored
// there, and system calls may be passed on to a listener. Inside formats/ and oci/ only.
#pragma once

#include "base/result.h"
#include "formats/json_reader.h"
#include "spec/seccomp_profile.h"

namespace kelp::formats {

Result<SeccompProfile> seccomp_profile_of(const Json& object, const JsonPlace& at);

}  // namespace kelp::formats
