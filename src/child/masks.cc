// SPDX-License-Identifier: Apache-2.0
// Parts of proc and sysfs that uid 0 of the machine must not reach are hidden or made read-only. Who shares
// the root may rename its directories meanwhile, so nothing here is found by a path of the root.
// Runs in: child.
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"

namespace kelp::child {
namespace {

bool is_kernel_filesystem(int fd) {
  struct statfs info{};
  return ::fstatfs(fd, &info) == 0 && (info.f_type == PROC_SUPER_MAGIC || info.f_type == SYSFS_MAGIC);
}

// Binds `what` on `name` below the mount and sets the attributes of that bind, proven to be there.
Status bind_below(int mount_fd, const std::string& name, int target_fd, const OpenSource& what,
                  std::uint64_t attributes) {
  const Result<sys::MountIdentity> before = sys::identify(target_fd);
  if (!before) return before.error();
  if (Status s = sys::bind_mount(what.fd.get(), target_fd, sys::Recursion::kWholeTree); !s) {
    return sys::failure(cat("mask ", name), s.error().code());
  }
  const Result<sys::UniqueFd> bound = sys::resolve(mount_fd, name);
  if (!bound) return bound.error();
  const Result<sys::MountIdentity> now = sys::identify(bound->get());
  if (!now) return now.error();
  if (now->mount_id == before->mount_id || now->device != what.device || now->inode != what.inode) {
    return Error(cat("mask ", name), "another mount arrived there meanwhile");
  }
  return sys::set_mount_attributes(bound->get(), {.set = attributes, .clear = 0}, sys::Recursion::kWholeTree);
}

// What is at a path below the mount; an invalid descriptor where this kernel has no such thing.
Result<sys::UniqueFd> part_of(int mount_fd, const std::string& name) {
  Result<sys::UniqueFd> part = sys::resolve(mount_fd, name);
  if (part || (part.error().code() != ENOENT && part.error().code() != ENOTDIR)) return part;
  return sys::UniqueFd();
}

Status hide(Context& context, int mount_fd, const std::string& name) {
  const Result<sys::UniqueFd> part = part_of(mount_fd, name);
  if (!part) return part.error();
  if (!part->valid()) return {};
  struct stat info{};
  if (::fstatat(part->get(), "", &info, AT_EMPTY_PATH) != 0) return sys::failure(cat("hide ", name));
  const Result<OpenSource> empty = open_empty(context, S_ISDIR(info.st_mode));
  if (!empty) return empty.error();
  return bind_below(mount_fd, name, part->get(), *empty,
                    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

// A bind of the place on itself is a mount of its own, whose attributes can be set.
Status protect(int mount_fd, const std::string& name) {
  Result<sys::UniqueFd> part = part_of(mount_fd, name);
  if (!part) return part.error();
  if (!part->valid()) return {};
  const Result<sys::MountIdentity> identity = sys::identify(part->get());
  if (!identity) return identity.error();
  const int target_fd = part->get();
  const OpenSource self{.fd = std::move(*part), .device = identity->device, .inode = identity->inode};
  return bind_below(mount_fd, name, target_fd, self, MOUNT_ATTR_RDONLY);
}

}  // namespace

Status mask(Context& context, const plan::Masks& masks, const std::string& path, const sys::UniqueFd& target,
            const sys::UniqueFd& mount) {
  if (masks.empty()) return {};
  const Result<sys::MountIdentity> beneath = sys::identify(target.get());
  if (!beneath) return beneath.error();
  const Result<sys::MountIdentity> identity = sys::identify(mount.get());
  if (!identity) return identity.error();
  auto& masked = context.masked_mounts;
  const bool is_new = identity->mount_id != beneath->mount_id &&
                      std::find(masked.begin(), masked.end(), identity->mount_id) == masked.end();
  if (!is_new || !is_kernel_filesystem(mount.get())) {
    return Error(cat("mask ", path), "the path was replaced by something else meanwhile");
  }
  masked.push_back(identity->mount_id);
  for (const std::string& name : masks.hidden) {
    if (Status s = hide(context, mount.get(), name); !s) return s;
  }
  for (const std::string& name : masks.read_only) {
    if (Status s = protect(mount.get(), name); !s) return s;
  }
  return {};
}

}  // namespace kelp::child
