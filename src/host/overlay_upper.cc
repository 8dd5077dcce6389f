// SPDX-License-Identifier: Apache-2.0
// Where the upper layer of a throw-away overlay can lie; see overlay_upper.h.
// Runs in: parent.
#include "host/overlay_upper.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

#include <cerrno>
#include <cstdlib>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/unique_fd.h"

namespace kelp::host {
namespace {

bool takes_user_xattrs(int fd) { return ::fsetxattr(fd, "user.kelp", "1", 1, 0) == 0; }

// A relative path is to be ignored, as the base directory specification says.
std::string absolute_variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && value[0] == '/' ? std::string(value) : std::string();
}

// What is there already on the way to a path: the path itself at best.
std::string existing_part(std::string path) {
  struct stat info{};
  while (path.size() > 1 && ::stat(path.c_str(), &info) != 0 && errno == ENOENT) {
    path.resize(path.find_last_of('/') == 0 ? 1 : path.find_last_of('/'));
  }
  return path;
}

// Why no layer can lie in it; empty: it can. O_TMPFILE: no name, so nothing is left behind however this ends.
// A file system without it cannot be an upper layer either (overlay makes its work files the same way).
std::string refusal_of(const std::string& directory) {
  const Result<sys::UniqueFd> file = sys::open_file(directory, O_TMPFILE | O_RDWR, 0600);
  if (!file) return cat("nothing can be made in ", directory, ": ", file.error().reason());
  struct statfs around{};
  if (::fstatfs(file->get(), &around) != 0) return sys::failure(cat("look at ", directory)).sentence();
  if (around.f_type == OVERLAYFS_SUPER_MAGIC) return cat(directory, " lies on an overlay itself");
  if (!takes_user_xattrs(file->get())) return cat(directory, " takes no user.* extended attributes");
  return {};
}

}  // namespace

Result<bool> tmpfs_takes_user_xattrs() {
  const sys::UniqueFd file(::memfd_create("kelp", MFD_CLOEXEC));
  if (file.valid() && takes_user_xattrs(file.get())) return true;
  if (sys::is_shortage(errno)) return sys::failure("try a user.* attribute on a file in memory");
  return false;
}

Scratch find_scratch_directory() {
  std::string data = absolute_variable("XDG_DATA_HOME");
  if (data.empty()) {
    const std::string home = absolute_variable("HOME");
    if (home.empty()) return {.directory = {}, .refusal = "neither XDG_DATA_HOME nor HOME is set"};
    data = cat(home, "/.local/share");
  }
  std::string directory = cat(data, "/kelp/layers");
  std::string refusal = refusal_of(existing_part(directory));
  if (!refusal.empty()) directory.clear();
  return {.directory = std::move(directory), .refusal = std::move(refusal)};
}

}  // namespace kelp::host
