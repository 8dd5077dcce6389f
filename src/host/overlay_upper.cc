// SPDX-License-Identifier: Apache-2.0
// Where the upper layer of a throw-away overlay can lie; see overlay_upper.h.
// Runs in: parent.
#include "host/overlay_upper.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/xattr.h>

#include <cstdlib>

#include "sys/files.h"
#include "sys/unique_fd.h"

namespace kelp::host {
namespace {

bool takes_user_xattrs(int fd) { return ::fsetxattr(fd, "user.kelp", "1", 1, 0) == 0; }

// O_TMPFILE: no name, so nothing is left behind however this ends. A file system without it cannot be an
// upper layer either (overlay makes its work files the same way).
bool is_usable(const std::string& directory) {
  const Result<sys::UniqueFd> file = sys::open_file(directory, O_TMPFILE | O_RDWR, 0600);
  return file && takes_user_xattrs(file->get());
}

}  // namespace

bool tmpfs_takes_user_xattrs() {
  const sys::UniqueFd file(::memfd_create("kelp", MFD_CLOEXEC));
  return file.valid() && takes_user_xattrs(file.get());
}

std::string find_scratch_directory() {
  const char* const chosen = std::getenv("TMPDIR");
  if (chosen != nullptr && chosen[0] == '/' && is_usable(chosen)) return chosen;
  for (const char* const directory : {"/var/tmp", "/tmp"}) {
    if (is_usable(directory)) return directory;
  }
  return {};
}

}  // namespace kelp::host
