// SPDX-License-Identifier: Apache-2.0
// The object `containerEdits` of a CDI file. Inside formats/ only.
#pragma once

#include "base/result.h"
#include "formats/cdi.h"
#include "formats/json_reader.h"

namespace kelp::formats {

Result<CdiEdits> cdi_edits_of(const Json& object, const JsonPlace& at);

// One of `hooks`. What it would do to the container becomes part of the edits, for no program is run.
Status read_cdi_hook(const Json& hook, const JsonPlace& at, CdiEdits& edits);

// A member that must be there, and be text.
Result<std::string> needed_text(const Json& object, const JsonPlace& at, const char* key);
// Text, or nothing where it is absent.
Result<std::string> optional_text(const Json& object, const JsonPlace& at, const char* key);

}  // namespace kelp::formats
