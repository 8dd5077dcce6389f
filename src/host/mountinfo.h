// SPDX-License-Identifier: Apache-2.0
// Reader of /proc/PID/mountinfo (proc_pid_mountinfo(5)), for explaining a failure: which mounts hide parts of
// another, and which lie below a directory.
// Runs in: parent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kelp::host {

struct MountEntry {
  std::string root;         // the directory of the file system that is mounted
  std::string mount_point;  // as seen from our root
  std::string options;      // of the mount: "ro,nosuid"
  std::string type;
  bool operator==(const MountEntry&) const = default;
};

// Lines that are none are left out.
std::vector<MountEntry> read_mountinfo(std::string_view text);

// Mount points strictly below `directory` that make the kernel refuse a fresh proc or sysfs: all but those on
// the directories that it keeps empty for the purpose (/proc/sys/fs/binfmt_misc, /sys/fs/cgroup …).
std::vector<std::string> masks_below(const std::vector<MountEntry>& mounts, std::string_view directory);

}  // namespace kelp::host
