// SPDX-License-Identifier: Apache-2.0
// Mounts inside the new root. Every target is a descriptor that the resolver gave; every bind is reopened and
// proven to be the one just made before its attributes are set.
// Runs in: child.
#include "sys/mounts.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

constexpr std::uint64_t kSafeAndReadOnly =
    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

}  // namespace

Result<Covered> look_at_cover(Context& context, const std::string& path, const sys::UniqueFd& target) {
  Result<sys::MountIdentity> before = sys::identify(target.get());
  if (!before) return before.error();
  Result<sys::UniqueFd> mount = look_up(context, path);
  if (!mount) return mount.error();
  Result<sys::MountIdentity> now = sys::identify(mount->get());
  if (!now) return now.error();
  return Covered{.mount = std::move(*mount), .before = *before, .now = *now};
}

Error replaced_meanwhile(const std::string& path) {
  return Error(cat("mount on ", path), "the path was replaced by something else meanwhile");
}

namespace {

// A mount point may be made in what is kelp's own: so it is proven to be the tmpfs that was just mounted, and
// not what somebody who shares the root has put at the path meanwhile.
Status remember_new_tmpfs(Context& context, const std::string& path, const sys::UniqueFd& target) {
  const Result<Covered> seen = look_at_cover(context, path, target);
  if (!seen) return seen.error();
  const auto& [mount, before, now] = *seen;
  struct statfs info{};
  if (::fstatfs(mount.get(), &info) != 0) return sys::failure(cat("look at ", path));
  if (now.mount_id == before.mount_id || now.device == before.device || info.f_type != TMPFS_MAGIC)
    return replaced_meanwhile(path);
  if (Status s = prove_ground(context, path, target, before); !s) return s;
  add_ground(context, path, now);
  context.own_mounts.push_back(now.mount_id);
  note(context, path, now);
  return {};
}

// Whether it is one of kelp's own mounts but the root, which was the first of them.
bool is_temporary(const Context& context, std::uint64_t mount_id) {
  const auto& own = context.own_mounts;
  return !own.empty() && std::find(own.begin() + 1, own.end(), mount_id) != own.end();
}

// As mask(), for a file system that was mounted and not looked at yet.
Status mask_new(Context& context, const plan::Masks& masks, const std::string& path,
                const sys::UniqueFd& target) {
  if (masks.empty()) return {};
  const Result<sys::UniqueFd> mount = look_up(context, path);
  if (!mount) return mount.error();
  return mask(context, masks, path, target, *mount);
}

// The kernel refuses a file system on itself (EBUSY), as the outer cgroup2 in a bound /sys.
Result<bool> is_already_there(const plan::NewFilesystem& step, int target_fd) {
  if (step.type != "cgroup2") return false;
  struct statfs info{};
  if (::fstatfs(target_fd, &info) != 0) return sys::failure(cat("look at ", step.to));
  return info.f_type == CGROUP2_SUPER_MAGIC;
}

// An empty directory to mount on; `target` then leads to it.
Status put_tmpfs_between(Context& context, const plan::NewFilesystem& step, sys::UniqueFd& target) {
  const sys::Filesystem empty{.type = "tmpfs", .options = "size=4k", .flags = step.flags};
  if (Status s = sys::mount_filesystem(empty, target.get()); !s) return s;
  Result<sys::UniqueFd> between = look_up(context, step.to);
  if (!between) return between.error();
  target = std::move(*between);
  return {};
}

const std::string& source_path(const Context& context, plan::SourceIndex index) {
  return (*context.source_list)[index].path;
}

}  // namespace

Result<sys::UniqueFd> mount_point(Context& context, const std::string& path, const MountPoint& wanted) {
  Result<Start> start = start_of(context, path);
  if (!start) return start.error();
  sys::MakeOptions options{.what = wanted.what,
                           .mode = wanted.mode,
                           .dangling = wanted.dangling,
                           .outward = start->outward,
                           .start = std::move(start->tree)};
  options.parents = context.parents;
  options.before_making = [&context] { return look_for_command(context); };
  if (!wanted.create_anywhere && !context.plan.makes_anywhere) options.allowed_mounts = &context.own_mounts;
  Result<sys::Place> place = sys::resolve_or_make(start->fd, start->rest, options);
  if (!place) {
    const bool is_file = wanted.what == sys::Make::kFile;
    return std::move(place.error()).with_part(is_file ? FailedPart::kFile : FailedPart::kDirectory, path);
  }
  if (place->made && context.plan.tells_made_mount_points) {
    // What lies in a tmpfs of the container's own goes with it.
    const Result<sys::MountIdentity> mount = sys::identify(place->fd.get());
    if (!mount) return mount.error();
    if (!is_temporary(context, mount->mount_id)) {
      if (Status s = context.tell(ReportKind::kMade, path); !s) return s.error();
    }
  }
  return std::move(place->fd);
}

Result<sys::UniqueFd> bind_at(Context& context, const OpenSource& what, const std::string& path,
                              const sys::UniqueFd& target, const BindOptions& options) {
  const Result<sys::MountIdentity> before = sys::identify(target.get());
  if (!before) return before.error();
  if (Status s = prove_ground(context, path, target, *before); !s) return s.error();
  const bool is_tree = what.tree.valid() && options.recursion == sys::Recursion::kWholeTree;
  const Status bound = is_tree ? sys::attach_tree(what.tree.get(), target.get())
                               : sys::bind_mount(what.fd.get(), target.get(), options.recursion);
  if (!bound)
    return sys::failure(cat("mount on ", path), bound.error().code()).with_part(FailedPart::kBind, path);
  Result<sys::UniqueFd> mount = look_up(context, path);
  if (!mount) return mount.error();
  const Result<sys::MountIdentity> now = sys::identify(mount->get());
  if (!now) return now.error();
  // The path may have been swapped under us by somebody who can write to the root: then this is not our
  // mount.
  if (now->mount_id == before->mount_id || now->device != what.device || now->inode != what.inode) {
    return replaced_meanwhile(path);
  }
  if (options.attributes != 0) {
    const sys::MountAttributes attributes{.set = options.attributes, .clear = 0};
    if (Status s = sys::set_mount_attributes(mount->get(), attributes, options.recursion); !s) {
      return Error(cat("set the attributes of the mount on ", path), s.error().reason())
          .with_code(s.error().code())
          .with_part(FailedPart::kBind, path);
    }
  }
  add_ground(context, path, *now);
  note(context, path, *now);
  return mount;
}

Status perform(const plan::BindMount& step, Context& context) {
  Result<OpenSource*> what = source(context, step.source);
  if (!what) return what.error();
  if ((*what)->is_absent) return {};
  if (step.device_number && (*what)->device_number != *step.device_number) {
    return Error(cat("share ", source_path(context, step.source)), "it is not the device that its name says");
  }
  if (step.is_device && !(*what)->is_device)
    return Error(cat("share ", source_path(context, step.source)), "it is no device any more");
  MountPoint wanted{.what = (*what)->is_directory ? sys::Make::kDirectory : sys::Make::kFile,
                    .mode = (*what)->is_directory ? 0755U : 0644U,
                    .create_anywhere = step.create_anywhere};
  if (step.follow_dangling) wanted.dangling = sys::Dangling::kFollow;
  Result<sys::UniqueFd> target = mount_point(context, step.to, wanted);
  if (!target && target.error().code() == EXDEV) {
    return std::move(target.error())
        .with_hint("make it on the host first, or ask for it with -v SOURCE:DESTINATION:create");
  }
  if (!target) return target.error();
  const BindOptions options{
      .attributes = step.attributes,
      .recursion = step.recursive ? sys::Recursion::kWholeTree : sys::Recursion::kThisMount};
  Result<sys::UniqueFd> mount = bind_at(context, **what, step.to, *target, options);
  if (!mount) return mount.error();
  (*what)->fd.reset();
  if (Status s = mask(context, step.masks, step.to, *target, *mount); !s) return s;
  keep_top(context, std::move(*mount));
  return {};
}

Status perform(const plan::NewFilesystem& step, Context& context) {
  Result<sys::UniqueFd> target = mount_point(context, step.to, {});
  if (!target) return target.error();
  const sys::Filesystem what{.type = step.type.c_str(), .options = step.options, .flags = step.flags};
  const Result<bool> is_there = is_already_there(step, target->get());
  if (!is_there) return is_there.error();
  if (*is_there) {
    if (Status s = put_tmpfs_between(context, step, *target); !s) return s;
  }
  const Status mounted = sys::mount_filesystem(what, target->get());
  if (!mounted) {
    if (mounted.error().code() == EPERM && step.otherwise) {
      Result<OpenSource*> other = source(context, *step.otherwise);
      if (!other) return other.error();
      if ((*other)->is_absent) return {};
      Result<sys::UniqueFd> bound =
          bind_at(context, **other, step.to, *target, {.attributes = kSafeAndReadOnly});
      if (!bound) return bound.error();
      return mask(context, step.masks, step.to, *target, *bound);
    }
    return sys::failure(cat("mount a new ", step.type, " on ", step.to), mounted.error().code())
        .with_part(FailedPart::kMount, cat(step.type, " on ", step.to));
  }
  if (step.type == "tmpfs") return remember_new_tmpfs(context, step.to, *target);
  if (Status s = note_new(context, step.to, *target); !s) return s;
  return mask_new(context, step.masks, step.to, *target);
}

Status perform(const plan::NewProc& step, Context& context) {
  Result<sys::UniqueFd> target = mount_point(context, step.to, {.mode = 0555});
  if (!target) return target.error();
  int code = EPERM;
  for (const ProcMode mode : step.modes) {
    const bool is_pids = mode == ProcMode::kPids;
    const sys::Filesystem proc{
        .type = "proc", .options = is_pids ? "subset=pid" : "", .flags = MS_NOSUID | MS_NODEV | MS_NOEXEC};
    const Status mounted = sys::mount_filesystem(proc, target->get());
    if (mounted) {
      if (Status s = note_new(context, step.to, *target); !s) return s;
      if (Status s = mask_new(context, step.masks, step.to, *target); !s) return s;
      return context.tell(ReportKind::kProc, is_pids ? "pids" : "new");
    }
    code = mounted.error().code();
    if (code != EPERM) break;
  }
  return sys::failure(cat("mount a new proc on ", step.to), code)
      .with_part(FailedPart::kMount, cat("proc on ", step.to));
}

Status perform(const plan::MakeDirectory& step, Context& context) {
  Result<sys::UniqueFd> made = mount_point(context, step.to, {.mode = step.mode, .create_anywhere = false});
  if (!made) return made.error();
  if (!context.has_file_rules) return {};
  const Result<sys::MountIdentity> identity = sys::identify(made->get());
  if (!identity) return identity.error();
  // What was there already, in a directory of the host's, has the rule of its mount.
  const auto& own = context.own_mounts;
  if (std::ranges::find(own, identity->mount_id) != own.end()) note(context, step.to, *identity);
  return {};
}

Status perform(const plan::MakeSymlink& step, Context& context) {
  const std::vector<std::uint64_t>* allowed = context.plan.makes_anywhere ? nullptr : &context.own_mounts;
  Status made = sys::make_symlink(context.root.get(), step.to, step.target,
                                  {.parents = context.parents, .allowed_mounts = allowed});
  if (!made) return std::move(made.error()).with_part(FailedPart::kLink, step.to);
  return made;
}

Status perform(const plan::SealMount& step, Context& context) {
  const Result<sys::UniqueFd> mount = sys::resolve(context.root.get(), step.path);
  if (!mount) return std::move(Error(mount.error())).with_part(FailedPart::kSeal, step.path);
  const Status sealed = sys::set_mount_attributes(mount->get(), {.set = MOUNT_ATTR_RDONLY, .clear = 0},
                                                  sys::Recursion::kThisMount);
  if (sealed) return {};
  const std::string action = cat("make the mount on ", step.path, " read-only");
  // The kernel's word for what is no mount's root (mount_setattr(2)).
  if (sealed.error().code() == EINVAL)
    return Error(action, "nothing is mounted there")
        .with_code(EINVAL)
        .with_part(FailedPart::kSeal, step.path);
  return sys::failure(action, sealed.error().code()).with_part(FailedPart::kSeal, step.path);
}

Status perform(const plan::SetMode& step, Context& context) {
  const Result<sys::UniqueFd> there = sys::resolve(context.root.get(), step.path);
  if (!there) return std::move(Error(there.error())).with_part(FailedPart::kMode, step.path);
  // fchmod(2) takes no O_PATH descriptor; its name in the host's /proc leads to just that object.
  if (::chmod(sys::proc_path(there->get()).c_str(), step.mode) != 0)
    return sys::failure(cat("set the permissions of ", step.path)).with_part(FailedPart::kMode, step.path);
  return {};
}

}  // namespace kelp::child
