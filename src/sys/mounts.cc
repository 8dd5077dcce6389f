// SPDX-License-Identifier: Apache-2.0
// Mounting by descriptors; see mounts.h.
// Runs in: child.
#include "sys/mounts.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/mount_call.h"
#include "sys/remount.h"

namespace kelp::sys {
namespace {

constexpr int kMaxStacked = 16;  // kelp stacks three mounts at most; others may have covered "/" before

// The root directory as the child sees it until the pivot.
constexpr char kRoot[] = "/";

// The first mount comes after the last change of that. A file is mounted on by descriptor where not.
bool heeds_environment() {
  static const bool heeds = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;
  return heeds;
}

Status bind_onto(int source_fd, const char* target, Recursion recursion) {
  unsigned long flags = MS_BIND;
  if (recursion == Recursion::kWholeTree) flags |= MS_REC;
  const int code = mount_call(proc_path(source_fd).c_str(), target, nullptr, nullptr, flags);
  if (code != 0) return failure("bind it", code);
  return {};
}

Status mount_onto(const Filesystem& what, const char* target) {
  const char* options = what.options.empty() ? nullptr : what.options.c_str();
  const char* source = what.source == nullptr ? what.type : what.source;
  const int code = mount_call(source, target, what.type, options, what.flags);
  if (code != 0) return failure(cat("mount a new ", what.type), code);
  return {};
}

unsigned long flag_of(Propagation propagation) {
  switch (propagation) {
    case Propagation::kPrivate: break;
    case Propagation::kSlave: return MS_SLAVE;
    case Propagation::kShared: return MS_SHARED;
    case Propagation::kUnbindable: return MS_UNBINDABLE;
  }
  return MS_PRIVATE;
}

Status set_propagation(unsigned long flags) {
  const int code = mount_call("none", kRoot, nullptr, nullptr, flags);
  if (code != 0) return failure("set the propagation of /", code);
  return {};
}

}  // namespace

Status set_propagation_of_root(Propagation propagation) {
  return set_propagation(flag_of(propagation) | MS_REC);
}

Status set_propagation_of_root_alone(Propagation propagation) {
  return set_propagation(flag_of(propagation));
}

Status bind_mount(int source_fd, int target_fd, Recursion recursion) {
  if (heeds_environment()) return bind_onto(source_fd, proc_path(target_fd).c_str(), recursion);
  const Result<UniqueFd> tree = clone_tree(source_fd, recursion);
  if (!tree) return failure("bind it", tree.error().code());
  return attach_tree(tree->get(), target_fd);
}

Status bind_mount_over_root(int source_fd) { return bind_onto(source_fd, kRoot, Recursion::kWholeTree); }

Status mount_filesystem(const Filesystem& what, int target_fd) {
  return mount_onto(what, cat(proc_path(target_fd), "/.").c_str());  // not a link: see mount_call_dynamic.cc
}

Status mount_filesystem_over_root(const Filesystem& what) { return mount_onto(what, kRoot); }

Result<UniqueFd> clone_tree(int fd, Recursion recursion) {
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;
  if (recursion == Recursion::kWholeTree) flags |= AT_RECURSIVE;
  UniqueFd tree(static_cast<int>(::syscall(SYS_open_tree, fd, "", flags)));
  if (!tree.valid()) return failure("copy a mount tree");
  return tree;
}

Status attach_tree(int tree_fd, int target_fd) {
  const unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  if (::syscall(SYS_move_mount, tree_fd, "", target_fd, "", flags) != 0)
    return failure("attach a mount tree");
  return {};
}

Status attach_tree_over_root(int tree_fd) {
  if (::syscall(SYS_move_mount, tree_fd, "", AT_FDCWD, kRoot, MOVE_MOUNT_F_EMPTY_PATH) != 0) {
    return failure("attach a mount tree");
  }
  return {};
}

Result<UniqueFd> open_cover() { return open_file("/..", O_PATH | O_DIRECTORY); }

Result<MountIdentity> identify(int fd) {
  struct statx info{};
  if (::statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_INO | STATX_MNT_ID, &info) != 0) {
    return failure("identify a mount");
  }
  // Since 5.8. Without it every mount would be the same one, and nothing could be proven.
  if ((info.stx_mask & STATX_MNT_ID) == 0) return failure("identify a mount", ENOSYS);
  return MountIdentity{.mount_id = info.stx_mnt_id,
                       .device = makedev(info.stx_dev_major, info.stx_dev_minor),
                       .inode = info.stx_ino};
}

Status set_mount_attributes(int mount_fd, const MountAttributes& attributes, Recursion recursion) {
  mount_attr attr{};
  attr.attr_set = attributes.set;
  attr.attr_clr = attributes.clear;
  const unsigned flags = AT_EMPTY_PATH | (recursion == Recursion::kWholeTree ? AT_RECURSIVE : 0U);
  if (::syscall(SYS_mount_setattr, mount_fd, "", flags, &attr, sizeof attr) == 0) return {};
  if (errno != ENOSYS) return failure("set the mount's attributes");
  return recursion == Recursion::kWholeTree ? remount_tree(mount_fd, attributes)
                                            : remount_this(mount_fd, attributes);
}

Status set_mount_propagation(int mount_fd, unsigned long type, Recursion recursion) {
  unsigned long flags = type;
  if (recursion == Recursion::kWholeTree) flags |= MS_REC;
  // A descriptor's link leads to just that mount, whatever its path means by now.
  if (::mount("none", proc_path(mount_fd).c_str(), nullptr, flags, nullptr) != 0)
    return failure("set the mount's propagation");
  return {};
}

Status pivot_into(int new_root_fd) {
  const Result<MountIdentity> new_root = identify(new_root_fd);
  if (!new_root) return new_root.error();
  if (::fchdir(new_root_fd) != 0) return failure("enter the new root");
  if (::syscall(SYS_pivot_root, ".", ".") != 0) return failure("pivot into the new root");
  if (::chdir("/") != 0) return failure("enter the new root");
  // What lies on the new root now is the old one, and on that whatever was stacked there before: each goes.
  // Left behind, `cd /home/..` would lead to it.
  for (int stacked = 0; stacked < kMaxStacked; ++stacked) {
    Result<UniqueFd> top = open_cover();
    if (!top) return top.error();
    const Result<MountIdentity> on_top = identify(top->get());
    if (!on_top) return on_top.error();
    if (*on_top == *new_root) return {};
    if (::umount2("/..", MNT_DETACH) != 0) return failure("detach the old root");
  }
  return Error("detach the old root", "something is mounted on it again and again");
}

}  // namespace kelp::sys
