// SPDX-License-Identifier: Apache-2.0
// The names of the fences.
#include "spec/fences.h"

#include <array>
#include <utility>

#include "base/text.h"

namespace kelp {
namespace {

constexpr auto kNames = std::to_array<std::pair<Fence, std::string_view>>({
    {Fence::kUser, "user"},
    {Fence::kMount, "mount"},
    {Fence::kPid, "pid"},
    {Fence::kIpc, "ipc"},
    {Fence::kUts, "uts"},
    {Fence::kCgroup, "cgroup"},
    {Fence::kNetwork, "net"},
    {Fence::kTime, "time"},
    {Fence::kProc, "proc"},
    {Fence::kPaths, "paths"},
    {Fence::kGroups, "groups"},
    {Fence::kCapabilities, "capabilities"},
    {Fence::kNoNewPrivileges, "no-new-privs"},
    {Fence::kSession, "session"},
    {Fence::kSeccomp, "seccomp"},
    {Fence::kLandlock, "landlock"},
    {Fence::kLimits, "limits"},
    {Fence::kDieWithParent, "die-with-parent"},
});

}  // namespace

std::optional<Fence> read_fence(std::string_view name) {
  if (name == "network") return Fence::kNetwork;
  for (const auto& [fence, known] : kNames) {
    if (known == name) return fence;
  }
  return std::nullopt;
}

std::string_view fence_name(Fence fence) {
  for (const auto& [known, name] : kNames) {
    if (known == fence) return name;
  }
  return "?";
}

Fence fence_of(Namespace kind) {
  switch (kind) {
    case Namespace::kUser: return Fence::kUser;
    case Namespace::kMount: return Fence::kMount;
    case Namespace::kPid: return Fence::kPid;
    case Namespace::kIpc: return Fence::kIpc;
    case Namespace::kUts: return Fence::kUts;
    case Namespace::kCgroup: return Fence::kCgroup;
    case Namespace::kNetwork: return Fence::kNetwork;
    case Namespace::kTime: return Fence::kTime;
  }
  return Fence::kUser;
}

std::string fence_names() {
  std::string out;
  for (const auto& [fence, name] : kNames) out += cat(out.empty() ? "" : " ", name);
  return out;
}

}  // namespace kelp
