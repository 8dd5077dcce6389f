// SPDX-License-Identifier: Apache-2.0
// --pid-file; see oci_pid_file.h.
#include "verbs/oci_pid_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::verbs {

Status write_pid_file(const std::string& path, pid_t pid) {
  // Beside it, under a name that is no other's.
  const std::size_t slash = path.rfind('/');
  const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
  const std::string temporary = cat(path.substr(0, name), ".", path.substr(name), ".", ::getpid());
  const Result<sys::UniqueFd> fd = sys::open_file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
  if (!fd) return fd.error();
  Status written = sys::write_all(fd->get(), std::to_string(pid), path);
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0) written = sys::failure(cat("write ", path));
  if (!written) (void)::unlink(temporary.c_str());
  return written;
}

}  // namespace kelp::verbs
