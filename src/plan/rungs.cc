// SPDX-License-Identifier: Apache-2.0
// The steps of the rungs that have no mount namespace.
#include <utility>

#include "plan/ladder.h"
#include "plan/mounts.h"

namespace kelp::plan {

Status plan_files(const Descent& descent, const host::Facts& facts, Steps& steps) {
  const Root& root = descent.spec.root;
  if (const auto* directory = std::get_if<DirectoryRoot>(&root.what)) {
    if (Status s = check_directory(directory->path, facts, "the root file system", {}); !s) return s;
    steps.add(EnterChroot{.source = steps.source(directory->path)}, root.origin);
    return {};
  }
  StayInRoot stay;
  for (const ShownPath& shown : descent.shown) {
    stay.shown.push_back({.source = steps.source(shown.path, shown.follow, shown.optional),
                          .path = shown.path,
                          .is_writable = shown.is_writable});
  }
  steps.add(std::move(stay), root.origin);
  return {};
}

}  // namespace kelp::plan
