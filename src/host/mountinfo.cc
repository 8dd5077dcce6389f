// SPDX-License-Identifier: Apache-2.0
// Reader of /proc/PID/mountinfo; see mountinfo.h.
// Runs in: parent.
#include "host/mountinfo.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sys/mount_list.h"

namespace kelp::host {
namespace {

// Made by sysfs_create_mount_point() and proc_create_mount_point(): a mount there hides nothing.
constexpr std::array<std::string_view, 13> kKeptEmpty = {
    "/proc/sys/fs/binfmt_misc", "/proc/fs/nfsd",     "/proc/openprom",
    "/sys/fs/cgroup",           "/sys/fs/bpf",       "/sys/fs/pstore",
    "/sys/fs/selinux",          "/sys/fs/smackfs",   "/sys/fs/fuse/connections",
    "/sys/kernel/config",       "/sys/kernel/debug", "/sys/kernel/security",
    "/sys/kernel/tracing",
};

bool is_kept_empty(std::string_view path) {
  return std::ranges::any_of(kKeptEmpty,
                             [&](std::string_view kept) {
                               // A mount on top of such a mount is the business of that file system.
                               return path == kept || (path.starts_with(kept) && path[kept.size()] == '/');
                             }) ||
         path == "/sys/firmware/efi/efivars" || path.starts_with("/sys/hypervisor/s390");
}

}  // namespace

std::vector<MountEntry> read_mountinfo(std::string_view text) {
  std::vector<MountEntry> mounts;
  for (const std::string_view line : split(text, '\n')) {
    // ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAGS…] - TYPE SOURCE SUPER
    const std::vector<std::string_view> fields = split(line, ' ');
    const auto dash = std::ranges::find(fields, std::string_view("-"));
    if (fields.size() < 9 || fields.end() - dash < 2) continue;
    mounts.push_back({.root = sys::decode_mount_path(fields[3]),
                      .mount_point = sys::decode_mount_path(fields[4]),
                      .options = std::string(fields[5]),
                      .type = std::string(dash[1])});
  }
  return mounts;
}

std::vector<std::string> masks_below(const std::vector<MountEntry>& mounts, std::string_view directory) {
  std::vector<std::string> masks;
  for (const MountEntry& mount : mounts) {
    const std::string_view point = mount.mount_point;
    if (!point.starts_with(directory) || point.size() <= directory.size() || point[directory.size()] != '/')
      continue;
    if (is_kept_empty(point)) continue;
    masks.push_back(mount.mount_point);
  }
  return masks;
}

}  // namespace kelp::host
