// SPDX-License-Identifier: Apache-2.0
// The new root, from its first mount to the pivot. It is built over "/" itself: a process's root directory is
// never looked up, so the cover changes the meaning of no path, and no staging directory is needed.
// Runs in: child.
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <ranges>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

std::string lower_directories(const std::vector<sys::UniqueFd>& opened) {
  std::string out;
  // overlayfs lists the topmost first, the Spec has it last.
  for (const sys::UniqueFd& fd : std::views::reverse(opened)) {
    if (!out.empty()) out += ':';
    out += sys::proc_path(fd.get());
  }
  return out;
}

struct Layer {
  sys::UniqueFd upper;
  sys::UniqueFd work;
};

// The directories that take the writes, in the scratch tmpfs or in the directory that keeps them.
Result<Layer> open_layer(int directory_fd) {
  Layer layer;
  struct Part {
    const char* name;
    mode_t mode;
    sys::UniqueFd* fd;
  };
  for (const Part& part : {Part{"upper", 0755, &layer.upper}, Part{"work", 0700, &layer.work}}) {
    if (::mkdirat(directory_fd, part.name, part.mode) != 0 && errno != EEXIST) {
      return sys::failure(cat("make the overlay's directory ", part.name));
    }
    Result<sys::UniqueFd> opened = sys::open_at(directory_fd, part.name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!opened) return opened.error();
    *part.fd = std::move(*opened);
  }
  return layer;
}

// Overlayfs looks behind mounts, which the kernel forbids where they came with a copied mount namespace. It
// says EINVAL, as to much else; a copy of the lower directory without its mounts fails then, and only then,
// too.
Error explain_overlay(Error error, const std::vector<sys::UniqueFd>& lowers, const plan::OverlayRoot& step,
                      const Context& context) {
  // Overlayfs has no other reason for it.
  if (error.code() == ELOOP) {
    return Error(cat("put an overlay on ", (*context.source_list)[step.lowers.front()].path),
                 "one of its directories lies in another")
        .with_code(ELOOP);
  }
  if (error.code() != EINVAL) return error;
  for (std::size_t i = 0; i < lowers.size(); ++i) {
    const Result<sys::UniqueFd> copy = sys::clone_tree(lowers[i].get(), sys::Recursion::kThisMount);
    if (copy || copy.error().code() != EINVAL) continue;
    return Error(cat("put an overlay on ", (*context.source_list)[step.lowers[i]].path),
                 "something is mounted in it, and without root the kernel lets no overlay look behind that")
        .with_code(EINVAL)
        .with_hint("unmount it first, or leave --overlay out and use --read-only");
  }
  return error;
}

}  // namespace

Status take_cover(Context& context, const OpenSource* bound) {
  Result<sys::UniqueFd> cover = sys::open_cover();
  if (!cover) return cover.error();
  const Result<sys::MountIdentity> identity = sys::identify(cover->get());
  if (!identity) return identity.error();
  if (bound != nullptr && (identity->device != bound->device || identity->inode != bound->inode)) {
    return Error("build the new root", "another mount arrived on / meanwhile");
  }
  context.own_mounts.push_back(identity->mount_id);
  add_ground(context, "/", *identity);
  context.root = std::move(*cover);
  return {};
}

Status perform(const plan::SetPropagation& step, Context& context) {
  auto propagation = step.slave ? sys::Propagation::kSlave : sys::Propagation::kPrivate;
  if (step.shared) propagation = sys::Propagation::kShared;
  if (Status s = sys::set_propagation_of_root(propagation); !s)
    return std::move(s.error()).with_part(FailedPart::kPropagation, "");
  // What is mounted over "/" itself must not reach the machine.
  if (step.shared) {
    if (Status s = sys::set_propagation_of_root_alone(sys::Propagation::kPrivate); !s)
      return std::move(s.error()).with_part(FailedPart::kPropagation, "");
  }
  // Not earlier: the copies would go on receiving what the host mounts.
  return clone_sources_of_root(context);
}

Status perform(const plan::MakeScratch& step, Context& context) {
  unsigned long flags = MS_NOSUID | MS_NODEV;
  if (!step.is_executable) flags |= MS_NOEXEC;
  Status mounted =
      sys::mount_filesystem_over_root({.type = "tmpfs", .options = "mode=0700,size=25%", .flags = flags});
  if (!mounted) return mounted;
  Result<sys::UniqueFd> cover = sys::open_cover();
  if (!cover) return cover.error();
  context.scratch = std::move(*cover);
  return {};
}

Status perform(const plan::BindRoot& step, Context& context) {
  Result<OpenSource*> what = source(context, step.source);
  if (!what) return what.error();
  if ((*what)->is_absent) return {};
  if (!(*what)->is_directory) {
    return sys::failure(cat("use ", (*context.source_list)[step.source].path, " as the root file system"),
                        ENOTDIR);
  }
  const Status bound = (*what)->tree.valid() ? sys::attach_tree_over_root((*what)->tree.get())
                                             : sys::bind_mount_over_root((*what)->fd.get());
  if (!bound) {
    return sys::failure(cat("use ", (*context.source_list)[step.source].path, " as the root file system"),
                        bound.error().code());
  }
  if (Status s = take_cover(context, *what); !s) return s;
  std::uint64_t attributes = 0;
  if (step.nodev) attributes |= MOUNT_ATTR_NODEV;
  if (step.nosuid) attributes |= MOUNT_ATTR_NOSUID;
  if (step.read_only) attributes |= MOUNT_ATTR_RDONLY;
  struct statvfs before{};
  if (::fstatvfs((*what)->fd.get(), &before) != 0) return sys::failure("look at the root file system");
  if (Status s = sys::set_mount_attributes(context.root.get(), {.set = attributes, .clear = 0},
                                           sys::Recursion::kWholeTree);
      !s) {
    return s;
  }
  // Mount points may still have to be made in the topmost mount; SealRoot closes it.
  if (step.read_only && !step.is_sealed && (before.f_flag & ST_RDONLY) == 0) {
    const sys::MountAttributes writable{.set = 0, .clear = MOUNT_ATTR_RDONLY};
    if (Status s = sys::set_mount_attributes(context.root.get(), writable, sys::Recursion::kThisMount); !s)
      return s;
  }
  (*what)->fd.reset();
  return {};
}

Status perform(const plan::TmpfsRoot& step, Context& context) {
  Status mounted = sys::mount_filesystem_over_root(
      {.type = "tmpfs", .options = step.options, .flags = MS_NOSUID | MS_NODEV});
  if (!mounted) return mounted;
  return take_cover(context, nullptr);
}

Status perform(const plan::OverlayRoot& step, Context& context) {
  std::vector<sys::UniqueFd> lowers;
  for (const plan::SourceIndex index : step.lowers) {
    context.index = static_cast<std::uint32_t>(index);
    Result<OpenSource*> lower = source(context, index);
    if (!lower) return lower.error();
    if (!(*lower)->is_directory)
      return sys::failure(cat("use ", (*context.source_list)[index].path), ENOTDIR);
    lowers.push_back(std::move((*lower)->fd));
  }
  int layer_fd = context.scratch.get();
  if (step.layer) {
    Result<OpenSource*> on_disk = source(context, *step.layer);
    if (!on_disk) return on_disk.error();
    layer_fd = (*on_disk)->fd.get();
  }
  Result<Layer> layer = open_layer(layer_fd);
  if (!layer) return layer.error();
  // userxattr: overlayfs keeps its marks in user.overlay.*, which a user namespace may write (since 5.11).
  const std::string options =
      cat("lowerdir=", lower_directories(lowers), ",upperdir=", sys::proc_path(layer->upper.get()),
          ",workdir=", sys::proc_path(layer->work.get()), ",userxattr",
          // What is thrown away need never reach the disk: no fsync inside does (since 5.10).
          step.layer && !step.is_kept ? ",volatile" : "");
  unsigned long flags = MS_NODEV;
  if (step.nosuid) flags |= MS_NOSUID;
  if (Status s = sys::mount_filesystem_over_root({.type = "overlay", .options = options, .flags = flags}); !s)
    return explain_overlay(std::move(s.error()), lowers, step, context);
  return take_cover(context, nullptr);
}

Status perform(const plan::SealRoot& /*step*/, Context& context) {
  return sys::set_mount_attributes(context.root.get(), {.set = MOUNT_ATTR_RDONLY, .clear = 0},
                                   sys::Recursion::kThisMount);
}

Status perform(const plan::TakeRoot& /*step*/, Context& context) {
  Result<sys::UniqueFd> root = sys::open_file("/", O_PATH | O_DIRECTORY);
  if (!root) return root.error();
  context.root = std::move(*root);
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return sys::failure("become non-dumpable");
  if (!context.channels.proc.valid()) return {};
  Result<sys::UniqueFd> own = sys::open_at(context.channels.proc.get(), "self", O_PATH | O_DIRECTORY);
  if (!own) return own.error();
  context.own_proc = std::move(*own);
  context.channels.proc.reset();
  return {};
}

Status perform(const plan::Pivot& step, Context& context) {
  if (Status s = sys::pivot_into(context.root.get()); !s) return s;
  // From now on nothing outside the user namespace that kelp was started in may look into this process, and
  // nothing inside runs yet. Not earlier: the parent could not have written the id maps.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return sys::failure("become non-dumpable");
  const auto spread = step.root_alone ? sys::set_propagation_of_root_alone : sys::set_propagation_of_root;
  if (step.share_afterwards) {
    if (Status s = spread(sys::Propagation::kShared); !s) return s;
  }
  if (step.unbindable_afterwards) {
    if (Status s = spread(sys::Propagation::kUnbindable); !s) return s;
  }
  // An O_PATH descriptor of the old root would still open its files after the detach.
  context.sources.clear();
  context.grounds = {};
  context.scratch.reset();
  return {};
}

}  // namespace kelp::child
