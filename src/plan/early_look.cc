// SPDX-License-Identifier: Apache-2.0
// Where a root must hold the command, as far as the Spec alone tells.
#include <algorithm>

#include "base/text.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

// What the user mounts or writes may be the command, or a link of the root may lead to it.
bool may_bring_programs(const Mount& mount) {
  if (std::holds_alternative<Bind>(mount.what) || std::holds_alternative<OverlayMount>(mount.what))
    return true;
  return std::holds_alternative<DataFile>(mount.what) || std::holds_alternative<WrittenFile>(mount.what) ||
         std::holds_alternative<Symlink>(mount.what);
}

bool lies_below(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

// A later entry wins.
std::string path_variable(const Environment& environment) {
  std::string path;
  for (const std::string& entry : environment.entries) {
    if (entry.starts_with("PATH=")) path = entry.substr(5);
  }
  return path;
}

std::string inside(const std::string& directory, std::string_view path) {
  return path.starts_with('/') ? std::string(path) : cat(directory == "/" ? "" : directory, "/", path);
}

}  // namespace

std::optional<EarlyLook> early_look(const Spec& spec) {
  const auto* root = std::get_if<DirectoryRoot>(&spec.root.what);
  const Command& command = spec.command;
  if (root == nullptr || !command.likely_directories.empty()) return std::nullopt;
  if (std::any_of(spec.mounts.begin(), spec.mounts.end(), may_bring_programs)) return std::nullopt;

  EarlyLook look{
      .root = root->path, .name = command.argv.empty() ? "/bin/sh" : command.argv[0], .places = {}};
  const std::string directory = command.directory.value_or("/");
  if (command.argv.empty()) look.places = {command.default_shell, "/bin/sh"};
  if (look.name.find('/') != std::string::npos) {
    look.places.push_back(inside(directory, look.name));
  } else {
    const std::string path = path_variable(command.environment);
    if (path.empty()) return std::nullopt;
    for (const std::string_view one : split(path, ':'))
      look.places.push_back(inside(directory, one.empty() ? look.name : cat(one, "/", look.name)));
  }
  std::erase(look.places, "");
  // Such as /proc/self/fd/3.
  const bool is_mounted = std::any_of(look.places.begin(), look.places.end(), [&](const std::string& place) {
    return std::any_of(spec.mounts.begin(), spec.mounts.end(),
                       [&](const Mount& mount) { return lies_below(place, destination_of(mount)); });
  });
  if (is_mounted) return std::nullopt;
  return look;
}

}  // namespace kelp::plan
