// SPDX-License-Identifier: Apache-2.0
// Where a container's files come from: ROOT, and what lies on top of it.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "spec/origin.h"

namespace kelp {

// A directory of the host that holds a root file system.
struct DirectoryRoot {
  std::string path;
  bool operator==(const DirectoryRoot&) const = default;
};
// The machine's own userland, read-only, without its /run, /home and sockets.
struct HostRoot {
  bool operator==(const HostRoot&) const = default;
};
// An empty tmpfs.
struct EmptyRoot {
  // The mounts make the root: one may lie on "/" itself, and what is missing of a destination is made
  // wherever it lies, below a shared directory too.
  bool is_made_by_mounts = false;
  bool operator==(const EmptyRoot&) const = default;
};

// Writes go into a layer above ROOT, which stays as it is.
struct Overlay {
  std::vector<std::string> lowers = {};  // further lower directories above ROOT, the last one on top
  std::optional<std::string> kept = {};  // the directory that keeps the layer; none: thrown away at the end
  Origin origin = {};
  bool operator==(const Overlay&) const = default;
};

struct Root {
  std::variant<DirectoryRoot, HostRoot, EmptyRoot> what = EmptyRoot{};
  std::optional<Overlay> overlay;
  bool read_only = false;
  bool devices = false;  // device nodes in a directory as ROOT can be used
  Origin origin = {};
  bool operator==(const Root&) const = default;
};

}  // namespace kelp
