// SPDX-License-Identifier: Apache-2.0
// The attributes of mounts without mount_setattr(2); see remount.h.
// Runs in: child.
#include "sys/remount.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <array>
#include <cerrno>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/mount_list.h"
#include "sys/resolve.h"

namespace kelp::sys {
namespace {

constexpr const char* kAction = "set the mount's attributes";
constexpr int kMaxRounds = 16;                  // somebody who shares a directory may rename in it meanwhile
constexpr std::size_t kMostList = 256U << 20U;  // fs.mount-max times a long line

struct Flag {
  std::uint64_t attribute;
  unsigned long to_mount;    // MS_*
  unsigned long of_statvfs;  // ST_*
};
// Access times are left out: a remount that names none of their flags keeps them.
constexpr std::array<Flag, 5> kFlags = {{
    {MOUNT_ATTR_RDONLY, MS_RDONLY, ST_RDONLY},
    {MOUNT_ATTR_NOSUID, MS_NOSUID, ST_NOSUID},
    {MOUNT_ATTR_NODEV, MS_NODEV, ST_NODEV},
    {MOUNT_ATTR_NOEXEC, MS_NOEXEC, ST_NOEXEC},
    {MOUNT_ATTR_NOSYMFOLLOW, 256 /* MS_NOSYMFOLLOW */, 0x2000 /* ST_NOSYMFOLLOW */},
}};

bool is_known(const MountAttributes& attributes) {
  std::uint64_t known = 0;
  for (const Flag& flag : kFlags) known |= flag.attribute;
  return ((attributes.set | attributes.clear) & ~known) == 0;
}

std::uint64_t changed(std::uint64_t present, const MountAttributes& wanted) {
  return (present & ~wanted.clear) | wanted.set;
}

// The kernel answers EINVAL where the descriptor is not the root of a mount, as mount_setattr(2) does.
Status remount(int fd, std::uint64_t attributes) {
  unsigned long flags = MS_REMOUNT | MS_BIND;
  for (const Flag& flag : kFlags) {
    if ((attributes & flag.attribute) != 0) flags |= flag.to_mount;
  }
  // A descriptor's link leads to just that mount, whatever its path means by now.
  if (::mount("none", proc_path(fd).c_str(), nullptr, flags, nullptr) != 0) return failure(kAction);
  return {};
}

// The callers know what the tree is, and keep the reason.
Error at(const ListedMount& mount, int code) {
  const std::string_view why = code == EBUSY ? "another mount hides it" : std::string_view();
  return Error(kAction, cat(why.empty() ? reason_of(code) : std::string(why), " (the mount on ",
                            printable(mount.point), " below it)"))
      .with_code(code);
}

Result<std::uint64_t> present_attributes(int fd) {
  struct statvfs info{};
  if (::fstatvfs(fd, &info) != 0) return failure(kAction);
  std::uint64_t attributes = 0;
  for (const Flag& flag : kFlags) {
    if ((info.f_flag & flag.of_statvfs) != 0) attributes |= flag.attribute;
  }
  return attributes;
}

// By the list's path from the top of the tree; EBUSY where that leads to another mount by now.
Result<UniqueFd> open_listed(int top_fd, const ListedMount& mount) {
  Result<UniqueFd> fd = resolve(top_fd, mount.point, LastLink::kKeep, Walk::kKernel, Outward::kRefused);
  if (!fd) return at(mount, fd.error().code());
  const Result<MountIdentity> identity = identify(fd->get());
  if (!identity) return identity.error();
  if (identity->mount_id != mount.id) return at(mount, EBUSY);
  return fd;
}

// One look at the list. True where all have what is wanted; `problem` is the last mount that could not be
// reached, which is none where another look finds it elsewhere, or gone.
Result<bool> round(int top_fd, std::uint64_t top_id, const MountAttributes& wanted, Status& problem) {
  const Result<std::string> text = read_proc("/proc/self/mountinfo", kMostList);
  if (!text) return text.error();
  const Result<std::vector<ListedMount>> mounts = read_mount_list(*text);
  if (!mounts) return mounts.error();
  const std::vector<ListedMount> tree = tree_of_mounts(*mounts, top_id);
  if (tree.empty()) return Error(kAction, "it is not in the kernel's list of mounts");
  bool is_done = true;
  for (const ListedMount& mount : tree) {
    const std::uint64_t attributes = changed(mount.attributes, wanted);
    if (attributes == mount.attributes) continue;
    is_done = false;
    Result<UniqueFd> opened = UniqueFd();
    if (mount.id != top_id) opened = open_listed(top_fd, mount);
    if (!opened) {
      problem = opened.error();
      continue;
    }
    const Status done = remount(opened->valid() ? opened->get() : top_fd, attributes);
    if (!done) return mount.id == top_id ? done.error() : at(mount, done.error().code());
  }
  return is_done;
}

}  // namespace

Status remount_this(int mount_fd, const MountAttributes& attributes) {
  if (!is_known(attributes)) return failure(kAction, ENOSYS);
  const Result<std::uint64_t> before = present_attributes(mount_fd);
  if (!before) return before.error();
  if (Status s = remount(mount_fd, changed(*before, attributes)); !s) return s;
  const Result<std::uint64_t> now = present_attributes(mount_fd);
  if (!now) return now.error();
  if ((*now & attributes.set) != attributes.set) return only_pretended(kAction);
  return {};
}

Status remount_tree(int mount_fd, const MountAttributes& attributes) {
  struct stat info{};
  if (::fstatat(mount_fd, "", &info, AT_EMPTY_PATH) != 0) return failure(kAction);
  if (!S_ISDIR(info.st_mode)) return remount_this(mount_fd, attributes);  // nothing lies below a file
  if (!is_known(attributes)) return failure(kAction, ENOSYS);
  const Result<MountIdentity> top = identify(mount_fd);
  if (!top) return top.error();
  Status problem = only_pretended(kAction);
  for (int rounds = 0; rounds < kMaxRounds; ++rounds) {
    const Result<bool> is_done = round(mount_fd, top->mount_id, attributes, problem);
    if (!is_done) return is_done.error();
    if (*is_done) return {};
  }
  return problem;
}

}  // namespace kelp::sys
