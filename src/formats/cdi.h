// SPDX-License-Identifier: Apache-2.0
// Files of the Container Device Interface (cncf-tags/container-device-interface, SPEC.md up to 1.1): devices
// of a vendor, and what a container needs for each besides its node. One of them is JSON here; who has YAML
// makes JSON of it first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/ids.h"
#include "spec/mounts.h"

namespace kelp::formats {

// "nvidia.com/gpu=0"
struct CdiName {
  std::string kind;  // VENDOR/CLASS
  std::string device;
  bool operator==(const CdiName&) const = default;
};

// A device node: its type, numbers, mode and owner are those that it has on the host, whatever the file says.
struct CdiNode {
  std::string from;
  std::string to;
  std::string permissions;  // of r, w and m; empty: not said
  std::string place;        // in the file: "devices[0].containerEdits.deviceNodes[1]"
  bool operator==(const CdiNode&) const = default;
};

struct CdiEdits {
  std::vector<std::string> environment;  // NAME=VALUE
  std::vector<CdiNode> nodes;
  std::vector<MountKind> mounts;             // Bind and Tmpfs
  std::vector<MountKind> changes;            // after the mounts, by hooks that kelp knows: Symlink and Chmod
  std::vector<std::string> library_folders;  // ldconfig would make links in them, and note what lies there
  std::vector<Id> groups;                    // that the command is to be in besides, ids of the host
  // What kelp does not do, each with its place in the file. It matters only where these edits are used.
  std::vector<std::string> undone;
  bool operator==(const CdiEdits&) const = default;
};

struct CdiDevice {
  std::string name;
  CdiEdits edits;
  bool operator==(const CdiDevice&) const = default;
};

struct CdiFile {
  std::string kind;
  CdiEdits edits;  // for whoever uses one of the devices
  std::vector<CdiDevice> devices;
  bool operator==(const CdiFile&) const = default;
};

// Refuses, with the path in the JSON, what the specification does not know. `name`: of the file, for
// messages.
Result<CdiFile> read_cdi(std::string_view json, std::string_view name);

// False for "/dev/x=y" and other paths: what names a device of a vendor has an equals sign and no slash in
// front.
bool looks_like_cdi_name(std::string_view text);
// Refuses what has that look and is no such name; the sentence says why.
Result<CdiName> read_cdi_name(std::string_view text);

}  // namespace kelp::formats
