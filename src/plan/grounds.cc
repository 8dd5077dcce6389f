// SPDX-License-Identifier: Apache-2.0
// What each mount lies on; see ground.h and grounds.h. The cost of a mount is that of its path's length.
#include "plan/grounds.h"

#include <utility>
#include <variant>

#include "base/text.h"

namespace kelp::plan {
namespace {

// What is there for its own sake and not to cover something. A network file follows the root's own link,
// which may lead into what was shared for it.
bool is_covering(const Mount& mount) {
  return is_tree(mount) || std::holds_alternative<Tmpfs>(mount.what) ||
         std::holds_alternative<DataFile>(mount.what) || std::holds_alternative<Hide>(mount.what);
}

// What later mounts can lie on. Hidden is what may be absent, and a later mount finds nothing in it.
bool is_ground(const Mount& mount) {
  return !std::holds_alternative<Hide>(mount.what) && !std::holds_alternative<Directory>(mount.what) &&
         !std::holds_alternative<Symlink>(mount.what) && !std::holds_alternative<WrittenFile>(mount.what) &&
         !std::holds_alternative<Seal>(mount.what) && !std::holds_alternative<Chmod>(mount.what);
}

}  // namespace

std::string plain_path(std::string_view path) {
  std::string out;
  for (const std::string_view part : split(path, '/')) {
    if (!part.empty() && part != ".") out += cat("/", part);
  }
  return out;
}

bool is_tree(const Mount& mount) {
  return std::holds_alternative<Bind>(mount.what) || std::holds_alternative<OverlayMount>(mount.what);
}

std::optional<Ground> Grounds::ground_of(const Mount& mount) const {
  if (!is_covering(mount)) return std::nullopt;
  const std::string path = plain_path(destination_of(mount));
  // Of the mounts on the way the last one is on top, whether it is the deepest or covers those.
  const Last* top = nullptr;
  std::size_t top_length = 0;
  std::string around = path;
  for (;;) {
    const auto found = last_.find(around);
    if (found != last_.end() && (top == nullptr || found->second.when > top->when)) {
      top = &found->second;
      top_length = around.size();
    }
    if (around.empty()) break;
    around.resize(around.rfind('/'));
  }
  Ground ground;
  if (top != nullptr && top_length == path.size()) {
    ground = {.below = top->ground.below, .rest = top->ground.rest, .over = top->ground.tree};
  } else if (top != nullptr && top->is_tree) {
    ground = {.below = top->ground.tree, .rest = path.substr(top_length + 1), .over = 0};
  }
  if (is_tree(mount)) ground.tree = trees_ + 1;
  return ground;
}

void Grounds::add(const Mount& mount, const std::optional<Ground>& ground) {
  if (!is_ground(mount)) return;
  if (is_tree(mount)) ++trees_;
  last_.insert_or_assign(
      plain_path(destination_of(mount)),
      Last{.when = ++mounts_, .is_tree = is_tree(mount), .ground = ground.value_or(Ground{})});
}

}  // namespace kelp::plan
