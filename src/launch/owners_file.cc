// SPDX-License-Identifier: Apache-2.0
// The file beside ROOT; see owners_file.h.
// Runs in: parent.
#include "launch/owners_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::launch {
namespace {

constexpr int kAttempts = 10;

// "." and links are other names of the same ROOT, and "/x/root/" is "/x/root".
Result<std::string> path_beside(const std::string& root) {
  const Result<sys::UniqueFd> directory = sys::open_file(root, O_PATH | O_DIRECTORY);
  if (!directory) return directory.error();
  Result<std::string> path = sys::read_link(AT_FDCWD, sys::proc_path(directory->get()));
  if (!path) return path.error();
  if (*path == "/") return Error("keep owners beside /", "nothing is beside it");
  return cat(*path, ".kelp-owners");
}

// Whoever removes it holds it alone; then it is at its path no more.
Result<bool> is_still_there(const sys::UniqueFd& file, const std::string& path) {
  struct stat ours{};
  struct stat there{};
  if (::fstat(file.get(), &ours) != 0) return sys::failure(cat("look at ", path));
  if (!S_ISREG(ours.st_mode)) return Error(cat("keep owners in ", path), "it is not a regular file");
  return ::stat(path.c_str(), &there) == 0 && there.st_dev == ours.st_dev && there.st_ino == ours.st_ino;
}

}  // namespace

OwnersFile::~OwnersFile() {
  struct stat info{};
  if (!fd_.valid() || path_.empty() || ::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) return;
  if (::fstat(fd_.get(), &info) == 0 && info.st_size == 0) ::unlink(path_.c_str());
}

sys::UniqueFd OwnersFile::leave_to_child() {
  path_.clear();
  return std::move(fd_);
}

Result<OwnersFile> open_owners_file(const plan::Plan& plan) {
  OwnersFile out;
  if (!plan.owners_file) return out;
  const bool writes = plan.owners_file->is_written;
  Result<std::string> path = path_beside(plan.owners_file->root);
  if (!path) return path.error();
  const int flags = writes ? O_RDWR | O_APPEND | O_CREAT : O_RDONLY;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Result<sys::UniqueFd> file = sys::open_file(*path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
    if (!file && !writes && file.error().code() == ENOENT) return out;
    if (!file) return file.error();
    if (::flock(file->get(), LOCK_SH) != 0) return sys::failure(cat("lock ", *path));
    const Result<bool> is_there = is_still_there(*file, *path);
    if (!is_there) return is_there.error();
    if (!*is_there) continue;
    out.fd_ = std::move(*file);
    if (writes) out.path_ = *std::move(path);
    return out;
  }
  return Error(cat("keep owners in ", *path), "somebody removes it again and again");
}

}  // namespace kelp::launch
