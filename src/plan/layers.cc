// SPDX-License-Identifier: Apache-2.0
// Overlays as mounts, and what lies in kelp's own tmpfs; the overlay of ROOT is in root.cc.
#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "plan/mounts.h"

namespace kelp::plan {

std::string tmpfs_options(const Spec& spec, std::uint64_t bytes, std::uint32_t mode) {
  std::string octal;
  for (int shift = 9; shift >= 0; shift -= 3)
    octal += static_cast<char>('0' + ((mode >> static_cast<unsigned>(shift)) & 7U));
  if (bytes == kKernelsSize) return cat("mode=", octal);
  if (bytes == 0 && spec.resources.memory)
    bytes = std::max<std::uint64_t>(spec.resources.memory->value / 4, 1);
  // A tmpfs without a size could eat the machine's memory; 25% is of RAM.
  return bytes == 0 ? cat("mode=", octal, ",size=25%") : cat("mode=", octal, ",size=", bytes);
}

Result<MountOverlay> overlay_step(const OverlayMount& overlay, const host::Facts& facts, const Origin& origin,
                                  Steps& steps) {
  using Writes = OverlayMount::Writes;
  const bool is_kept = overlay.writes == Writes::kKept;
  std::vector<std::string> paths = overlay.lowers;
  if (is_kept) paths.insert(paths.end(), {overlay.upper, overlay.work});
  for (const std::string& path : paths) {
    std::string why = why_without_path(path, facts);
    const host::HostFile* file = facts.file(path);
    if (why.empty() && file != nullptr && file->error == ENOENT) why = "No such file or directory";
    if (why.empty()) continue;
    return Error(cat("lay ", path, " over another directory (", origin.text, ")"), std::move(why))
        .with_code(ENOENT)
        .with_part(FailedPart::kSource, path);
  }
  MountOverlay step{.to = overlay.to, .lowers = {}, .read_only = overlay.writes == Writes::kRefused};
  for (const std::string& lower : overlay.lowers) step.lowers.push_back(steps.source(lower));
  if (is_kept) {
    step.upper = steps.source(overlay.upper);
    step.work = steps.source(overlay.work);
  }
  return step;
}

bool needs_scratch(const Spec& spec, const host::Facts& facts, bool masks) {
  if (masks) return true;
  if (spec.root.overlay && !spec.root.overlay->kept && facts.tmpfs_takes_user_xattrs) return true;
  for (const Mount& mount : spec.mounts) {
    if (std::holds_alternative<DataFile>(mount.what) || std::holds_alternative<Hide>(mount.what)) return true;
    const auto* overlay = std::get_if<OverlayMount>(&mount.what);
    if (overlay != nullptr && overlay->writes == OverlayMount::Writes::kDiscarded) return true;
    const auto* network = std::get_if<NetworkFile>(&mount.what);
    if (network == nullptr) continue;
    if (!network->appended.empty() || content_of(*network, spec, facts)) return true;
  }
  return false;
}

bool has_programs(const Spec& spec) {
  return std::any_of(spec.mounts.begin(), spec.mounts.end(), [](const Mount& mount) {
    const auto* file = std::get_if<DataFile>(&mount.what);
    return file != nullptr && file->executable;
  });
}

}  // namespace kelp::plan
