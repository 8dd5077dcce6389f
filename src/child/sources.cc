// SPDX-License-Identifier: Apache-2.0
// Opens what the host shares, with the caller's own rights, before ids change and before anything is mounted.
// A descriptor from before the clone could not be bound: it belongs to another mount namespace (EINVAL).
// Runs in: child.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

// Descriptors that set-up needs besides the sources.
constexpr std::uint64_t kReserve = 64;

Status open_source(Context& context, plan::SourceIndex index) {
  const plan::Source& wanted = (*context.source_list)[index];
  OpenSource& opened = context.sources[index];
  context.index = static_cast<std::uint32_t>(index);
  // O_PATH triggers no automount, needs no right to read, and has no side effects on devices and FIFOs.
  Result<sys::UniqueFd> fd = sys::open_file(wanted.path, O_PATH | (wanted.follow ? 0 : O_NOFOLLOW));
  if (!fd) {
    const int code = fd.error().code();
    if (wanted.optional && (code == ENOENT || code == ENOTDIR)) {
      opened.is_absent = true;
      return {};
    }
    return std::move(fd.error()).with_part(FailedPart::kSource, wanted.path);
  }
  struct statx info{};
  if (::statx(fd->get(), "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_INO, &info) != 0) {
    return sys::failure(cat("look at ", wanted.path));
  }
  opened.device = makedev(info.stx_dev_major, info.stx_dev_minor);
  opened.inode = info.stx_ino;
  opened.is_directory = S_ISDIR(info.stx_mode);
  opened.is_device = S_ISCHR(info.stx_mode) || S_ISBLK(info.stx_mode);
  opened.device_number = S_ISCHR(info.stx_mode) ? makedev(info.stx_rdev_major, info.stx_rdev_minor) : 0;
  if (S_ISLNK(info.stx_mode)) {
    return Error(cat("share ", wanted.path), "it is a symbolic link, and nofollow was asked for")
        .with_hint("look at where it leads (readlink); if that is right, put it in the place of the link");
  }
  if (wanted.inode != 0 && (wanted.device != opened.device || wanted.inode != opened.inode)) {
    return Error(cat("open ", wanted.path), "something else is there by now");
  }
  opened.fd = std::move(*fd);
  return {};
}

}  // namespace

Result<OpenSource*> source(Context& context, plan::SourceIndex index) {
  OpenSource& opened = context.sources[index];
  if (!opened.fd.valid() && !opened.is_absent) {
    // Building the new root covers no path of the host (see bind_mount_over_root), so it is not too late.
    if (Status s = open_source(context, index); !s) return s.error();
  }
  return &opened;
}

Status clone_sources_of_root(Context& context) {
  struct statx root{};
  if (::statx(AT_FDCWD, "/", AT_NO_AUTOMOUNT, STATX_INO, &root) != 0) return sys::failure("look at /");
  for (OpenSource& opened : context.sources) {
    const bool is_root = opened.fd.valid() && opened.inode == root.stx_ino &&
                         opened.device == makedev(root.stx_dev_major, root.stx_dev_minor);
    if (!is_root) continue;
    Result<sys::UniqueFd> tree = sys::clone_tree(opened.fd.get());
    if (!tree) return tree.error();
    opened.tree = std::move(*tree);
  }
  return {};
}

Status perform(const plan::OpenSources& step, Context& context) {
  context.source_list = &step.sources;
  context.sources.resize(step.sources.size());
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return sys::failure("read the descriptor limit");
  const std::uint64_t room = limit.rlim_cur > kReserve ? limit.rlim_cur - kReserve : 1;
  for (plan::SourceIndex index = 0; index < step.sources.size() && index < room; ++index) {
    if (Status s = open_source(context, index); !s) return s;
  }
  return {};
}

}  // namespace kelp::child
