// SPDX-License-Identifier: Apache-2.0
// What the flags of `kelp run` about fences do.
#include "base/text.h"
#include "cli/draft.h"

namespace kelp::cli {

Status apply_require(Draft& draft, const Given& given) {
  for (const std::string_view name : split(*given.value, ',')) {
    const auto fence = read_fence(name);
    if (!fence) {
      return Error(cat("read ", given.typed),
                   cat("'", name, "' is no fence that can be required (", fence_names(), ")"));
    }
    draft.request.spec.required.push_back({.fence = *fence, .origin = {given.typed}});
  }
  return {};
}

}  // namespace kelp::cli
