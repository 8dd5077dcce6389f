// SPDX-License-Identifier: Apache-2.0
// Where a step's path is looked up, and the proof that what it led to is what the Plan says a mount lies on
// (plan/ground.h). Inside child/ only.
// Runs in: child.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "plan/ground.h"
#include "sys/mounts.h"
#include "sys/resolve.h"
#include "sys/unique_fd.h"

namespace kelp::child {

struct Context;

// The trees that were mounted, and what is known of which mounts belong to them.
struct Grounds {
  struct Tree {
    std::string path;  // empty: it was not mounted, its source is absent
    sys::MountIdentity top;
    std::uint32_t step = 0;
  };
  std::vector<Tree> trees;                                         // the first has number 1
  std::unordered_map<std::uint64_t, plan::TreeNumber> of_mounts;   // by mount id, of those that steps made
  std::unordered_map<std::uint64_t, std::uint64_t> mount_parents;  // as read when one was not among them
  plan::TreeNumber open = 0;                                       // the tree of which top_fd is the top
  sys::UniqueFd top_fd;
};

// Where a path is looked up from, and what of it.
struct Start {
  int fd = -1;
  std::string rest;
  sys::Outward outward = sys::Outward::kStaysInside;
  std::string tree;  // path of the tree, empty: the root
};
Result<Start> start_of(Context& context, const std::string& path);

// What the step's path leads to.
Result<sys::UniqueFd> look_up(Context& context, const std::string& path);

// That the step may mount on `target`, of which `before` is the identity.
Status prove_ground(Context& context, const std::string& path, const sys::UniqueFd& target,
                    const sys::MountIdentity& before);

// What the step has mounted, proven to be that.
void add_ground(Context& context, const std::string& path, const sys::MountIdentity& made);
// The same mount's descriptor, for what is likely to come next: a mount that lies on it.
void keep_top(Context& context, sys::UniqueFd top);

}  // namespace kelp::child
