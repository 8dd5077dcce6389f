// SPDX-License-Identifier: Apache-2.0
// The cgroup of a container that others manage: they have chosen its name, it stays when kelp ends, and goes
// when the container is deleted (config-linux.md, "Control groups"). Version 2 only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/origin.h"

namespace kelp {

enum class CgroupManager {
  kNone,     // no cgroup is made, and no limit is an error: the caller looks after it
  kFiles,    // by mkdir and write
  kSystemd,  // a transient scope
};

// One interface file of a cgroup ("memory.max"), as the kernel takes it.
struct CgroupFile {
  std::string file;
  std::string value;
  // Where the kernel has no such file, another instead ("io.weight" for "io.bfq.weight"); empty: refused.
  std::string else_file = {};
  std::string else_value = {};
  Origin origin = {};  // "linux.resources.memory.limit"
  bool operator==(const CgroupFile&) const = default;
};

// Which devices may be opened or made; the last rule that matches counts.
struct DeviceRule {
  bool allow = false;
  char type = 'a';          // a, b or c
  std::int64_t major = -1;  // -1: every
  std::int64_t minor = -1;
  std::string access = "rwm";
  bool operator==(const DeviceRule&) const = default;
};

// A property of a systemd unit, from an annotation ("org.systemd.property.TimeoutStopUSec"), as GVariant
// text.
struct UnitProperty {
  std::string name;
  std::string value;
  Origin origin = {};
  bool operator==(const UnitProperty&) const = default;
};

struct ManagedCgroup {
  CgroupManager manager = CgroupManager::kNone;
  // kFiles: "/a/b" from the top of the hierarchy, "a/b" from the caller's own cgroup. Empty: by the
  // container's id, below the caller's own.
  std::string path;
  // kSystemd: "" is the manager's default.
  std::string slice;
  std::string unit;  // "libpod-ID.scope"
  std::vector<UnitProperty> properties;
  std::vector<CgroupFile> files;  // in the order in which they are written
  std::vector<DeviceRule> devices;
  // The command's user may make cgroups below: the tree is mounted writable, in a cgroup namespace of its own
  // (config-linux.md, "Cgroup ownership").
  bool is_delegated = false;
  Origin origin = {};
  bool operator==(const ManagedCgroup&) const = default;
};

inline bool wants_cgroup(const std::optional<ManagedCgroup>& cgroup) {
  return cgroup && cgroup->manager != CgroupManager::kNone;
}

}  // namespace kelp
