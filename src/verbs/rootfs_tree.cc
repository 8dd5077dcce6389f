// SPDX-License-Identifier: Apache-2.0
// Walking host paths one component at a time; see rootfs_tree.h.
#include "verbs/rootfs_tree.h"

#include <fcntl.h>

#include <array>
#include <ranges>
#include <vector>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::verbs {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel's MAXSYMLINKS

bool is_mounted_afresh(std::string_view path) {
  constexpr std::array<std::string_view, 3> kMounts = {"/proc", "/sys", "/dev"};
  for (const std::string_view mount : kMounts) {
    if (path.starts_with(mount) && (path.size() == mount.size() || path[mount.size()] == '/')) return true;
  }
  return false;
}

void push_components(std::vector<std::string>& todo, std::string_view path) {
  const std::vector<std::string_view> parts = split(path, '/');
  for (const std::string_view part : std::views::reverse(parts)) {
    if (!part.empty() && part != ".") todo.emplace_back(part);
  }
}

}  // namespace

std::string joined(std::string_view directory, std::string_view name) {
  return directory == "/" ? cat("/", name) : cat(directory, "/", name);
}

std::string parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? "/" : std::string(path.substr(0, slash));
}

Result<HostPlace> add_host_path(Tree& tree, std::string_view path) {
  const std::string action = cat("copy ", path);
  std::vector<std::string> todo;  // components still to go, the next one last
  push_components(todo, path);
  HostPlace here{.path = "/", .mode = S_IFDIR | 0755};
  for (int links = 0; !todo.empty();) {
    const std::string name = std::move(todo.back());
    todo.pop_back();
    if (!S_ISDIR(here.mode)) return sys::failure(action, ENOTDIR);
    if (name == "..") {
      here.path = parent_of(here.path);
      continue;
    }
    std::string next = joined(here.path, name);
    if (is_mounted_afresh(next)) {
      return Error(action,
                   cat(next, " is not copied: /proc, /sys and /dev are mounted afresh in every root"));
    }
    struct stat info{};
    if (::fstatat(AT_FDCWD, next.c_str(), &info, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) {
      return sys::failure(action);
    }
    if (S_ISLNK(info.st_mode)) {
      if (++links > kMaxLinks) return sys::failure(action, ELOOP);
      Result<std::string> target = sys::read_link(AT_FDCWD, next);
      if (!target) return Error(action, target.error().reason()).with_code(target.error().code());
      if (target->starts_with('/')) here.path = "/";
      push_components(todo, *target);
      tree.try_emplace(std::move(next), TreeLink{std::move(*target)});
      continue;
    }
    if (S_ISDIR(info.st_mode)) {
      // Who copies must be able to write into it, whatever its owner on the host could do.
      tree.try_emplace(next, TreeDirectory{(info.st_mode & 01777U) | 0700U});
    } else if (S_ISREG(info.st_mode)) {
      tree.insert_or_assign(next, TreeFile{next});
    } else {
      return Error(action, "it is neither a file nor a directory");
    }
    here = {.path = std::move(next), .mode = info.st_mode};
  }
  return here;
}

}  // namespace kelp::verbs
