// SPDX-License-Identifier: Apache-2.0
// Finds what each mount lies on, by the destinations: which lies in which, and which of them came last.
// Inside plan/ only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "plan/ground.h"
#include "spec/mounts.h"

namespace kelp::plan {

// Without what says nothing: "//", "/./", a slash at the end. "" is the root.
std::string plain_path(std::string_view path);

// Whether it shows something of the host's below itself.
bool is_tree(const Mount& mount);

class Grounds {
 public:
  // For the next mount; nothing where it covers nothing, whatever it lies on.
  std::optional<Ground> ground_of(const Mount& mount) const;
  // That mount is planned.
  void add(const Mount& mount, const std::optional<Ground>& ground);

 private:
  struct Last {
    std::size_t when = 0;
    bool is_tree = false;
    Ground ground;
  };
  std::unordered_map<std::string, Last> last_;  // by destination
  std::size_t mounts_ = 0;
  TreeNumber trees_ = 0;
};

}  // namespace kelp::plan
