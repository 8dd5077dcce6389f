// SPDX-License-Identifier: Apache-2.0
// The container's own cgroup (cgroups(7), version 2): made and limited before the clone, removed after the
// end, and removed by a later start where kelp was killed (claim.h).
// Runs in: parent.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "launch/claim.h"
#include "plan/plan.h"
#include "sys/unique_fd.h"

namespace kelp::launch {

// What the container used, as its cgroup counted. Nothing: this kernel or this cgroup does not count it.
struct CgroupUsage {
  std::string path;
  std::optional<std::uint64_t> peak_bytes;
  std::optional<std::uint64_t> cpu_us, user_us, system_us;
  std::optional<std::uint64_t> oom_kills;
};

// A cgroup that is ours. Destroying it ends what is still in it, and removes it.
class Cgroup {
 public:
  Cgroup() = default;  // none
  Cgroup(Cgroup&& other) noexcept = default;
  Cgroup& operator=(Cgroup&& other) = delete;
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;
  ~Cgroup() { (void)remove(); }

  const std::string& path() const { return path_; }
  bool exists() const { return claim_.lock.valid(); }
  // What a container is cloned into; -1: none.
  int inside_fd() const { return inside_.get(); }
  // The process is in it and nowhere else.
  Status prove_holds(pid_t pid) const;
  CgroupUsage usage() const;
  Status remove();
  // It stays as it is: others remove it.
  void leave();
  // In the child: the lock shall be the parent's alone.
  void leave_to_parent();
  // Limits of cgroups above that leave less than was asked for.
  std::vector<std::string> stricter_above(const std::vector<plan::CgroupSetting>& settings) const;

 private:
  friend Result<Cgroup> make_cgroup(const plan::ContainerCgroup& wanted);
  friend Result<Cgroup> make_managed_cgroup(const plan::ManagedCgroup& wanted);
  friend Status enter_unit(const plan::ManagedCgroup& wanted, pid_t pid,
                           std::optional<std::uint64_t> deadline_us, Cgroup& cgroup);
  Status make(const plan::ContainerCgroup& wanted);
  // The level inside of one that has its limits, with those that are to be seen there.
  Status make_inside(const char* name, const std::vector<std::string>& controllers,
                     const std::vector<plan::CgroupSetting>& settings);
  Status move_kelp_aside();
  Status move_kelp_back();

  std::string path_;      // of the one that has the limits
  sys::UniqueFd around_;  // the directory that it lies in
  Claim claim_;
  sys::UniqueFd inside_;               // its only child, which holds the processes
  Claim aside_;                        // where kelp went to
  std::vector<std::string> switched_;  // controllers that were enabled for it in `around`
};

// Makes what the plan asks for; kelp is in the scope already, where there is to be one. Errors: a setting
// that the kernel did not take, or took and does not show.
Result<Cgroup> make_cgroup(const plan::ContainerCgroup& wanted);

// Ends what is left of a container in a cgroup, and removes that. No process of ours is in it.
Status empty_and_remove(int around_fd, const Claim& claim);

// Removes the cgroups of starts that were killed, in the directory where the plan wants its own. Gives a
// sentence for each that stays.
Result<std::vector<std::string>> remove_dead_cgroups(const plan::ContainerCgroup& wanted);

}  // namespace kelp::launch
