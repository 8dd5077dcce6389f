// SPDX-License-Identifier: Apache-2.0
// A place for the cgroups of a container, where this machine gives one to the test.
#pragma once

#include <string>
#include <vector>

#include "harness/run.h"

namespace kelp::harness {

/// Where this machine's cgroup v2 is mounted and may be written to; empty: nowhere.
std::string cgroup_mount();

/// A cgroup of the test's own, for --cgroup-parent. Nothing may be in it at the end.
class OwnCgroup {
 public:
  explicit OwnCgroup(const std::string& mount);
  ~OwnCgroup();
  OwnCgroup(const OwnCgroup&) = delete;
  OwnCgroup& operator=(const OwnCgroup&) = delete;

  const std::string& path() const { return path_; }
  /// --cgroup-parent, and limits as far as this machine's cgroup v2 has their controllers.
  Argv flags() const;
  /// The names of the cgroups in it.
  std::vector<std::string> inside() const;

 private:
  std::string name_, path_;
};

}  // namespace kelp::harness
