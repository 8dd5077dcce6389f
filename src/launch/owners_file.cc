// SPDX-License-Identifier: Apache-2.0
// The file beside ROOT; see owners_file.h.
// Runs in: parent.
#include "launch/owners_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::launch {
namespace {

constexpr int kAttempts = 10;
constexpr std::chrono::milliseconds kBetween{20};
constexpr off_t kMaxBytes = off_t{64} << 20;  // owners/table.h

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
bool is_still_there(const struct stat& ours, const std::string& path) {
  struct stat there{};
  return ours.st_nlink != 0 && ::stat(path.c_str(), &there) == 0 && there.st_dev == ours.st_dev &&
         there.st_ino == ours.st_ino;
}

// What is in it is believed, and it is written to: where others may write beside ROOT it could be theirs, or
// another name of a file of ours.
Status prove_ours(const struct stat& info, const std::string& path) {
  const auto refuse = [&](std::string_view why) {
    return Error(cat("keep owners in ", path), std::string(why)).with_hint("remove it, or move ROOT");
  };
  if (!S_ISREG(info.st_mode)) return refuse("it is not a regular file");
  if (info.st_uid != ::geteuid()) return refuse("it belongs to somebody else");
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) return refuse("others may write to it");
  if (info.st_nlink > 1) return refuse("it has another name");
  if (info.st_size > kMaxBytes) return refuse("it is larger than 64 MiB");
  return {};
}

// Shared, by every container that uses it. Somebody who may only read it could hold it for ever.
Status lock(const sys::UniqueFd& file, const std::string& path) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (::flock(file.get(), LOCK_SH | LOCK_NB) == 0) return {};
    if (errno != EWOULDBLOCK && errno != EINTR) return sys::failure(cat("lock ", path));
    std::this_thread::sleep_for(kBetween);
  }
  return Error(cat("lock ", path), "somebody holds it").with_code(EWOULDBLOCK);
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
    if (!file) {
      return std::move(file.error())
          .with_hint(
              "what files cannot carry is kept beside ROOT; --overlay=DIR keeps it beside DIR, and "
              "--overlay nowhere");
    }
    struct stat info{};
    if (Status s = lock(*file, *path); !s) return s.error();
    if (::fstat(file->get(), &info) != 0) return sys::failure(cat("look at ", *path));
    if (!is_still_there(info, *path)) continue;
    if (Status s = prove_ours(info, *path); !s) return s.error();
    out.fd_ = std::move(*file);
    if (writes) out.path_ = *std::move(path);
    return out;
  }
  return Error(cat("keep owners in ", *path), "somebody removes it again and again");
}

}  // namespace kelp::launch
