// SPDX-License-Identifier: Apache-2.0
// `kelp-oci pause` and `kelp-oci resume`: the cgroup's freezer.
#include <ctime>

#include "base/text.h"
#include "launch/cgroup_files.h"
#include "verbs/oci_place.h"
#include "verbs/oci_verbs.h"

namespace kelp::verbs {
namespace {

constexpr int kTries = 1000;  // of a hundredth of a second
constexpr timespec kPause = {.tv_sec = 0, .tv_nsec = 10'000'000};

Status set_frozen(const state::Record& record, bool wanted) {
  const std::string action = wanted ? "pause the container" : "resume the container";
  if (record.cgroup.empty())
    return Error(action, "it has no cgroup of its own (--cgroup-manager=disabled, or none is delegated)");
  const Result<sys::UniqueFd> cgroup = launch::open_cgroup(record.cgroup);
  if (!cgroup) return Error(action, cgroup.error().sentence());
  if (Status s = launch::write_cgroup_file(cgroup->get(), record.cgroup, "cgroup.freeze", wanted ? "1" : "0");
      !s)
    return Error(action, s.error().sentence());
  // The kernel stops each at its next way back to user space.
  for (int i = 0; i < kTries; ++i) {
    if (state::is_frozen(record.cgroup) == wanted) return {};
    (void)::nanosleep(&kPause, nullptr);
  }
  if (wanted) (void)launch::write_cgroup_file(cgroup->get(), record.cgroup, "cgroup.freeze", "0");
  return Error(action, "its processes do not follow");
}

}  // namespace

Result<int> oci_pause(const OciCall& call) {
  const Result<Found> found = find_container(call.arguments);
  if (!found) return found.error();
  if (found->status == state::LifeStatus::kPaused) return oci::refusal("container is already paused");
  if (found->status != state::LifeStatus::kRunning && found->status != state::LifeStatus::kCreated)
    return not_running();
  if (Status s = set_frozen(found->record, true); !s) return s.error();
  return 0;
}

Result<int> oci_resume(const OciCall& call) {
  const Result<Found> found = find_container(call.arguments);
  if (!found) return found.error();
  // One that was frozen before it was started is `created` to others.
  if (!state::is_frozen(found->record.cgroup)) return oci::refusal("container not paused");
  if (Status s = set_frozen(found->record, false); !s) return s.error();
  return 0;
}

}  // namespace kelp::verbs
