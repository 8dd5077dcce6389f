// SPDX-License-Identifier: Apache-2.0
// The fences of a container by the names that --require knows.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "spec/namespaces.h"
#include "spec/origin.h"

namespace kelp {

enum class Fence {
  kUser,
  kMount,
  kPid,
  kIpc,
  kUts,
  kCgroup,
  kNetwork,
  kTime,
  kProc,
  kPaths,  // what is read-only, hidden or masked stays so
  kGroups,
  kCapabilities,
  kNoNewPrivileges,
  kSession,
  kSeccomp,
  kLandlock,
  kLimits,
  kDieWithParent,
};

// "pid", "net" (also "network") → its fence; nothing for an unknown name.
std::optional<Fence> read_fence(std::string_view name);
std::string_view fence_name(Fence fence);
// Every name with blanks between, for a refusal that lists them.
std::string fence_names();

Fence fence_of(Namespace kind);

// A fence that a flag has taken away.
struct Waiver {
  Fence fence = Fence::kUser;
  Origin origin = {};
  bool operator==(const Waiver&) const = default;
};

// A fence that must hold wholly, or the container is not started.
struct Requirement {
  Fence fence = Fence::kUser;
  int landlock_abi = 0;  // of kLandlock: this kernel's must not be less
  Origin origin = {};
  Origin asked_by = {};  // what would ask for the fence; empty: a default does
  bool operator==(const Requirement&) const = default;
};

}  // namespace kelp
