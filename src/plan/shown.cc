// SPDX-License-Identifier: Apache-2.0
// What Landlock leaves of the machine's own file system. Its rules only add: what is allowed for a directory
// is allowed for all below, so that there is no hiding and no closing in there.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "plan/ladder.h"

namespace kelp::plan {
namespace {

bool lies_in(const std::string& path, const std::string& directory) {
  if (directory == "/" || path == directory) return true;
  return path.starts_with(directory) && path[directory.size()] == '/';
}

bool overlap(const std::string& one, const std::string& other) {
  return lies_in(one, other) || lies_in(other, one);
}

std::string without_slash_at_end(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

Shown::Shown(const Spec& spec, const host::Facts& facts) : facts_(facts) {
  for (const auto* list : {&userland_links(), &userland_paths()}) {
    for (const std::string& path : *list) {
      const host::HostFile* file = facts.file(path);
      // A link leads to what is shown itself, or to what is not shown.
      if (file == nullptr || file->kind != host::FileKind::kDirectory || !file->link_target.empty()) continue;
      paths_.push_back({.path = path});
    }
  }
  for (const Mount& mount : spec.mounts) {
    if (std::holds_alternative<Proc>(mount.what)) paths_.push_back({.path = "/proc"});
    if (std::holds_alternative<Sysfs>(mount.what)) paths_.push_back({.path = "/sys"});
    if (const auto* file = std::get_if<NetworkFile>(&mount.what)) paths_.push_back({.path = file->path});
    if (!std::holds_alternative<Devices>(mount.what)) continue;
    for (const std::string_view node : {"null", "zero", "full", "random", "urandom", "tty"})
      paths_.push_back({.path = cat("/dev/", node), .is_writable = true});
  }
}

std::string Shown::real(const std::string& path) const {
  const host::HostFile* file = facts_.file(path);
  if (file == nullptr || file->real_path.empty()) return without_slash_at_end(path);
  return file->real_path;
}

std::string Shown::show(const Bind& bind, const Origin& origin) {
  const std::string path = without_slash_at_end(bind.from);
  if (bind.from_fd >= 0 || path != without_slash_at_end(bind.to))
    return "a path is shown in its own place only";
  // A device is executed nowhere.
  if (!bind.executable && !bind.is_device) return "what is shown can be executed";
  const bool is_writable = bind.writable || bind.is_device;
  if (!is_writable) {
    const bool is_open = std::ranges::any_of(paths_, [&](const ShownPath& earlier) {
      return earlier.is_writable && overlap(real(path), real(earlier.path));
    });
    if (is_open) return "nothing in or around a writable directory can be read-only";
  }
  paths_.push_back({.path = path,
                    .is_writable = is_writable,
                    .follow = bind.follow,
                    .optional = bind.optional,
                    .origin = origin});
  return {};
}

std::string Shown::hide(const Hide& hide) const {
  const host::HostFile* file = facts_.file(hide.path);
  // Absent is fine, as everywhere; not to be looked at is not known to be absent.
  if (file != nullptr && file->kind == host::FileKind::kAbsent &&
      (file->error == ENOENT || file->error == ENOTDIR))
    return {};
  const bool is_seen = std::ranges::any_of(
      paths_, [&](const ShownPath& shown) { return overlap(real(hide.path), real(shown.path)); });
  return is_seen ? "nothing in a directory that is shown can be hidden" : std::string();
}

}  // namespace kelp::plan
