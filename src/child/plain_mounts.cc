// SPDX-License-Identifier: Apache-2.0
// Mounts as a foreign configuration has them, and what it wants to be read-only. Attributes and propagation
// are set by the descriptor of a mount that is proven to be the one just made.
// Runs in: child.
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/text.h"
#include "child/context.h"
#include "child/copy_up.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

struct Flag {
  std::uint64_t attribute;
  unsigned long to_mount;  // MS_*
};
constexpr std::array<Flag, 8> kFlags = {{
    {MOUNT_ATTR_RDONLY, MS_RDONLY},
    {MOUNT_ATTR_NOSUID, MS_NOSUID},
    {MOUNT_ATTR_NODEV, MS_NODEV},
    {MOUNT_ATTR_NOEXEC, MS_NOEXEC},
    {MOUNT_ATTR_NOATIME, MS_NOATIME},
    {MOUNT_ATTR_STRICTATIME, MS_STRICTATIME},
    {MOUNT_ATTR_NODIRATIME, MS_NODIRATIME},
    {MOUNT_ATTR_NOSYMFOLLOW, 256 /* MS_NOSYMFOLLOW */},
}};

// A new file system gets them with the call that mounts it: the kernel compares proc and sysfs with what is
// mounted already (mount_too_revealing()).
unsigned long flags_of(std::uint64_t attributes) {
  unsigned long flags = 0;
  for (const Flag& flag : kFlags) {
    if ((attributes & flag.attribute) != 0) flags |= flag.to_mount;
  }
  return flags;
}

Status change(int mount_fd, const AttributeChange& wanted, sys::Recursion recursion,
              const std::string& path) {
  if (wanted == AttributeChange{}) return {};
  Status done = sys::set_mount_attributes(mount_fd, {.set = wanted.set, .clear = wanted.clear}, recursion);
  // What the outer mount namespace has locked stays as it is: what a wish would take away of its strictness,
  // and the kind of access times. To be stricter is never refused.
  if (!done && done.error().code() == EPERM) {
    constexpr std::uint64_t kTimes = MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME;
    done = sys::set_mount_attributes(mount_fd, {.set = wanted.set & ~kTimes, .clear = 0}, recursion);
  }
  if (done) return {};
  return Error(cat("set the attributes of the mount on ", path), done.error().reason())
      .with_code(done.error().code())
      .with_part(FailedPart::kMount, path);
}

Status change_propagation(int mount_fd, const PlainMount& what) {
  for (const PropagationChange& wanted : what.propagation) {
    const auto recursion = wanted.recursive ? sys::Recursion::kWholeTree : sys::Recursion::kThisMount;
    Status done = sys::set_mount_propagation(mount_fd, wanted.type, recursion);
    if (!done)
      return Error(cat("set the propagation of the mount on ", what.to), done.error().reason())
          .with_code(done.error().code())
          .with_part(FailedPart::kMount, what.to);
  }
  return {};
}

MountPoint place_of(bool is_directory) {
  return {.what = is_directory ? sys::Make::kDirectory : sys::Make::kFile,
          .mode = is_directory ? 0755U : 0644U,
          .dangling = sys::Dangling::kFollow,
          .create_anywhere = true};
}

// A copy of the tree in which files belong to others (mount_setattr(2), since 5.12).
Result<sys::UniqueFd> map_ids(const OpenSource& source, const PlainMount& what) {
  const std::string action = cat("map the ids of the mount on ", what.to);
  if (!what.id_map->users.empty() || !what.id_map->groups.empty())
    return Error(action, "kelp gives a mount no other ids than those of the container");
  const auto recursion = what.recursive ? sys::Recursion::kWholeTree : sys::Recursion::kThisMount;
  Result<sys::UniqueFd> tree = sys::clone_tree(source.fd.get(), recursion);
  if (!tree) return sys::failure(action, tree.error().code());
  const Result<sys::UniqueFd> users = sys::open_file("/proc/self/ns/user", O_RDONLY);
  if (!users) return sys::failure(action, users.error().code());
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_IDMAP;
  attributes.userns_fd = static_cast<std::uint64_t>(users->get());
  const unsigned flags = AT_EMPTY_PATH | (what.id_map->recursive ? AT_RECURSIVE : 0U);
  if (::syscall(SYS_mount_setattr, tree->get(), "", flags, &attributes, sizeof attributes) == 0) return tree;
  if (errno != EPERM) return sys::failure(action);
  return Error(action,
               "the kernel wants CAP_SYS_ADMIN over the user namespace that its file system was mounted in")
      .with_code(EPERM);
}

// Binds, and gives the mount what the Spec says.
Status bind(Context& context, OpenSource& source, const plan::MountPlainly& step,
            const sys::UniqueFd& target) {
  const PlainMount& what = step.what;
  if (what.id_map) {
    Result<sys::UniqueFd> tree = map_ids(source, what);
    if (!tree) return tree.error();
    source.tree = std::move(*tree);
  }
  // A tree that was copied is attached as it is.
  const bool is_whole = what.recursive || what.id_map.has_value();
  const BindOptions options{.recursion = is_whole ? sys::Recursion::kWholeTree : sys::Recursion::kThisMount};
  const Result<sys::UniqueFd> mount = bind_at(context, source, what.to, target, options);
  if (!mount) return mount.error();
  if (Status s = change(mount->get(), what.attributes, sys::Recursion::kThisMount, what.to); !s) return s;
  if (Status s = change(mount->get(), what.recursive_attributes, sys::Recursion::kWholeTree, what.to); !s)
    return s;
  return change_propagation(mount->get(), what);
}

// The outer one, with the same attributes all the way down: it comes with what is mounted in it.
Status bind_otherwise(Context& context, const plan::MountPlainly& step, const sys::UniqueFd& target) {
  Result<OpenSource*> other = source(context, *step.otherwise);
  if (!other) return other.error();
  if ((*other)->is_absent) return {};
  const PlainMount& what = step.what;
  const Result<sys::UniqueFd> mount = bind_at(context, **other, what.to, target, {});
  if (!mount) return mount.error();
  AttributeChange wanted = what.attributes;
  wanted.set |= step.otherwise_set;
  wanted.clear &= MOUNT_ATTR__ATIME;
  return change(mount->get(), wanted, sys::Recursion::kWholeTree, what.to);
}

// The kernel refuses a file system on itself (EBUSY), as the outer cgroup2 in a bound /sys.
Status put_tmpfs_between(Context& context, const std::string& path, sys::UniqueFd& target) {
  if (Status s = sys::mount_filesystem({.type = "tmpfs", .options = "size=4k"}, target.get()); !s) return s;
  Result<sys::UniqueFd> between = look_up(context, path);
  if (!between) return between.error();
  target = std::move(*between);
  return {};
}

Status mount_once(const PlainMount& what, const std::string& data, int target_fd) {
  std::uint64_t attributes = what.attributes.set;
  if (what.copy_up) attributes &= ~std::uint64_t{MOUNT_ATTR_RDONLY};  // not before it is filled
  return sys::mount_filesystem({.type = what.type.c_str(),
                                .options = data,
                                .flags = flags_of(attributes) | what.flags,
                                .source = what.source.empty() ? nullptr : what.source.c_str()},
                               target_fd);
}

// Whatever else is to happen to it needs its descriptor.
Status finish(Context& context, const PlainMount& what, const sys::UniqueFd& target) {
  const bool is_done =
      !what.copy_up && what.recursive_attributes == AttributeChange{} && what.propagation.empty();
  if (is_done) return note_new(context, what.to, target);
  const Result<Covered> seen = look_at_cover(context, what.to, target);
  if (!seen) return seen.error();
  if (seen->now.mount_id == seen->before.mount_id || seen->now.device == seen->before.device)
    return replaced_meanwhile(what.to);
  const int mount_fd = seen->mount.get();
  if (what.copy_up) {
    if (Status s = copy_up(target.get(), mount_fd, what.to); !s) return s;
    const AttributeChange closed{.set = what.attributes.set & MOUNT_ATTR_RDONLY, .clear = 0};
    if (Status s = change(mount_fd, closed, sys::Recursion::kThisMount, what.to); !s) return s;
  }
  if (Status s = change(mount_fd, what.recursive_attributes, sys::Recursion::kWholeTree, what.to); !s)
    return s;
  return change_propagation(mount_fd, what);
}

Status mount_new(Context& context, const plan::MountPlainly& step) {
  const PlainMount& what = step.what;
  Result<sys::UniqueFd> target = mount_point(context, what.to, place_of(true));
  if (!target) return target.error();
  struct statfs info{};
  if (::fstatfs(target->get(), &info) != 0) return sys::failure(cat("look at ", what.to));
  if (what.type == "cgroup2" && info.f_type == CGROUP2_SUPER_MAGIC) {
    if (Status s = put_tmpfs_between(context, what.to, *target); !s) return s;
  }
  Status mounted = mount_once(what, what.data, target->get());
  if (!mounted && mounted.error().code() == EINVAL && step.data_otherwise)
    mounted = mount_once(what, *step.data_otherwise, target->get());
  if (mounted) return finish(context, what, *target);
  const int code = mounted.error().code();
  if (step.otherwise && (code == EPERM || code == EBUSY)) return bind_otherwise(context, step, *target);
  return sys::failure(cat("mount a new ", what.type, " on ", what.to), code)
      .with_part(FailedPart::kMount, cat(what.type, " on ", what.to));
}

}  // namespace

Status perform(const plan::MountPlainly& step, Context& context) {
  if (!step.source) return mount_new(context, step);
  Result<OpenSource*> what = source(context, *step.source);
  if (!what) return what.error();
  const Result<sys::UniqueFd> target = mount_point(context, step.what.to, place_of((*what)->is_directory));
  if (!target) return target.error();
  if (Status s = bind(context, **what, step, *target); !s) return s;
  (*what)->fd.reset();
  return {};
}

Status perform(const plan::ProtectPath& step, Context& context) {
  Result<sys::UniqueFd> there = look_up(context, step.path);
  if (!there) {
    if (there.error().code() == ENOENT || there.error().code() == ENOTDIR) return {};
    return there.error();
  }
  const Result<sys::MountIdentity> identity = sys::identify(there->get());
  if (!identity) return identity.error();
  // A bind of the place on itself is a mount of its own, whose attributes can be set.
  const OpenSource self{.fd = std::move(*there), .device = identity->device, .inode = identity->inode};
  const Result<sys::UniqueFd> mount =
      bind_at(context, self, step.path, self.fd, {.attributes = MOUNT_ATTR_RDONLY});
  if (!mount) return mount.error();
  return {};
}

}  // namespace kelp::child
