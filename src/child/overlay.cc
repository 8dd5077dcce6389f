// SPDX-License-Identifier: Apache-2.0
// Overlays of the host's directories inside the new root, or as the new root; the overlay of ROOT itself is
// in root.cc. Runs in: child.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <ranges>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

// Where a source can be named to the kernel, whatever its path holds: commas, colons, line ends.
Result<std::string> place_of(Context& context, plan::SourceIndex index) {
  context.index = static_cast<std::uint32_t>(index);
  Result<OpenSource*> opened = source(context, index);
  if (!opened) return opened.error();
  if (!(*opened)->is_directory) {
    const std::string& path = (*context.source_list)[index].path;
    return sys::failure(cat("lay ", path, " over another directory"), ENOTDIR)
        .with_part(FailedPart::kSource, path);
  }
  return sys::proc_path((*opened)->fd.get());
}

// ",upperdir=…,workdir=…" in the scratch tmpfs; the directories stay open until the overlay is mounted.
struct DiscardedLayer {
  sys::UniqueFd upper;
  sys::UniqueFd work;
};
Result<DiscardedLayer> make_layer(Context& context) {
  DiscardedLayer layer;
  const std::string number = std::to_string(context.scratch_files++);
  for (const auto& [name, fd] :
       {std::pair{cat("upper-", number), &layer.upper}, {cat("work-", number), &layer.work}}) {
    if (::mkdirat(context.scratch.get(), name.c_str(), 0755) != 0)
      return sys::failure(cat("make the overlay's directory ", name));
    Result<sys::UniqueFd> opened =
        sys::open_at(context.scratch.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!opened) return opened.error();
    *fd = std::move(*opened);
  }
  return layer;
}

Status mount_it(Context& context, const plan::MountOverlay& step, const std::string& options) {
  unsigned long flags = MS_NODEV | MS_NOSUID;
  if (step.read_only) flags |= MS_RDONLY;
  const sys::Filesystem what{.type = "overlay", .options = options, .flags = flags};
  if (step.to == "/") {
    if (Status s = sys::mount_filesystem_over_root(what); !s) return s;
    return take_cover(context, nullptr);
  }
  Result<sys::UniqueFd> target = mount_point(context, step.to, {});
  if (!target) return target.error();
  if (Status s = sys::mount_filesystem(what, target->get()); !s) return s;
  if (context.ground == nullptr) return {};
  Result<Covered> seen = look_at_cover(context, step.to, *target);
  if (!seen) return seen.error();
  if (seen->now.mount_id == seen->before.mount_id) return replaced_meanwhile(step.to);
  if (Status s = prove_ground(context, step.to, *target, seen->before); !s) return s;
  add_ground(context, step.to, seen->now);
  keep_top(context, std::move(seen->mount));
  return {};
}

}  // namespace

Status perform(const plan::MountOverlay& step, Context& context) {
  std::string options = "lowerdir=";
  // overlayfs lists the topmost first, the plan has it last.
  for (const plan::SourceIndex index : std::views::reverse(step.lowers)) {
    Result<std::string> place = place_of(context, index);
    if (!place) return place.error();
    if (!options.ends_with('=')) options += ':';
    options += *place;
  }
  DiscardedLayer layer;
  if (step.upper && step.work) {
    Result<std::string> upper = place_of(context, *step.upper);
    if (!upper) return upper.error();
    Result<std::string> work = place_of(context, *step.work);
    if (!work) return work.error();
    options += cat(",upperdir=", *upper, ",workdir=", *work);
  } else if (!step.read_only) {
    Result<DiscardedLayer> made = make_layer(context);
    if (!made) return made.error();
    layer = std::move(*made);
    options +=
        cat(",upperdir=", sys::proc_path(layer.upper.get()), ",workdir=", sys::proc_path(layer.work.get()));
  }
  // As in root.cc: a user namespace may write no other marks (since 5.11).
  Status mounted = mount_it(context, step, cat(options, ",userxattr"));
  if (mounted) return mounted;
  return std::move(mounted.error()).with_part(FailedPart::kMount, cat("overlay on ", step.to));
}

}  // namespace kelp::child
