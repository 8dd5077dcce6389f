// SPDX-License-Identifier: Apache-2.0
// What the rungs that have no mount namespace are made of: their steps, and the capabilities that lead out of
// none.
#include <linux/capability.h>

#include <utility>

#include "plan/ladder.h"
#include "plan/mounts.h"

namespace kelp::plan {
namespace {

constexpr CapabilityMask mask_of(unsigned capability) { return CapabilityMask{1} << capability; }

// With these root in a chroot reaches no further than its files. CAP_SYS_CHROOT, CAP_MKNOD and CAP_SYS_PTRACE
// lead out, CAP_DAC_READ_SEARCH does by open_by_handle_at(2), and CAP_KILL reaches others' processes. A file
// that CAP_SETFCAP marks would give its rights to whoever executes it outside, and CAP_NET_BIND_SERVICE
// counts for the outer network.
constexpr CapabilityMask kHarmless = mask_of(CAP_CHOWN) | mask_of(CAP_DAC_OVERRIDE) | mask_of(CAP_FOWNER) |
                                     mask_of(CAP_FSETID) | mask_of(CAP_SETGID) | mask_of(CAP_SETUID);
// Where kelp could not end what has become another user.
constexpr CapabilityMask kSameUser = kHarmless & ~mask_of(CAP_SETUID);

}  // namespace

CapabilityMask most_capabilities(Rung rung, bool may_kill) {
  if (rung != Rung::kChroot) return 0;
  return may_kill ? kHarmless : kSameUser;
}

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
