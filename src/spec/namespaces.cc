// SPDX-License-Identifier: Apache-2.0
// The kinds of namespaces, as a table.
#include "spec/namespaces.h"

#include <linux/sched.h>

namespace kelp {

const std::array<NamespaceInfo, 8>& all_namespaces() {
  static constexpr std::array<NamespaceInfo, 8> kAll = {{
      {Namespace::kUser, "user", "user", CLONE_NEWUSER},
      {Namespace::kMount, "mount", "mnt", CLONE_NEWNS},
      {Namespace::kPid, "pid", "pid", CLONE_NEWPID},
      {Namespace::kIpc, "ipc", "ipc", CLONE_NEWIPC},
      {Namespace::kUts, "uts", "uts", CLONE_NEWUTS},
      {Namespace::kCgroup, "cgroup", "cgroup", CLONE_NEWCGROUP},
      {Namespace::kNetwork, "network", "net", CLONE_NEWNET},
      {Namespace::kTime, "time", "time", CLONE_NEWTIME},
  }};
  return kAll;
}

std::optional<Namespace> read_namespace(std::string_view name) {
  for (const NamespaceInfo& info : all_namespaces()) {
    if (info.name == name || info.file == name) return info.kind;
  }
  return std::nullopt;
}

std::string_view namespace_name(Namespace kind) {
  return all_namespaces()[static_cast<std::size_t>(kind)].name;
}

}  // namespace kelp
