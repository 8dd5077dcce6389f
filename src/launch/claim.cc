// SPDX-License-Identifier: Apache-2.0
// Directories that must not outlive kelp; see claim.h.
// Runs in: parent.
#include "launch/claim.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::launch {
namespace {

constexpr int kTries = 100;

Result<std::string> random_name(std::string_view prefix, std::string_view what) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, 8> bytes;
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return sys::failure(cat("find a name for ", what));
  }
  std::string name(prefix);
  for (const unsigned byte : bytes) {
    name += kDigits[byte >> 4U];
    name += kDigits[byte & 0xFU];
  }
  return name;
}

// Another start that took it for a dead one may have been quicker. The number of links does not tell:
// cgroup2 keeps it for what is gone.
Result<bool> is_still_there(int around_fd, const std::string& name, int fd) {
  struct stat named{};
  struct stat open{};
  if (::fstatat(around_fd, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return false;
    return sys::failure(cat("look at ", name));
  }
  if (::fstat(fd, &open) != 0) return sys::failure(cat("look at ", name));
  return named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

// The directory that was just made, locked. Invalid: another start has taken it for a dead one before that,
// and removes it.
Result<sys::UniqueFd> open_locked(int around_fd, const std::string& name, std::string_view what) {
  Result<sys::UniqueFd> fd = sys::open_at(around_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!fd && fd.error().code() == ENOENT) return sys::UniqueFd();
  if (!fd) return fd;
  if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return sys::UniqueFd();
    return sys::failure(cat("lock ", what, " ", name));
  }
  const Result<bool> is_there = is_still_there(around_fd, name, fd->get());
  if (!is_there) return is_there.error();
  if (!*is_there) return sys::UniqueFd();
  return fd;
}

// A new directory, locked. Invalid: try another name.
Result<sys::UniqueFd> make_locked(int around_fd, const std::string& name, std::string_view what) {
  if (::mkdirat(around_fd, name.c_str(), 0700) != 0) {
    if (errno == EEXIST) return sys::UniqueFd();
    return sys::failure(cat("make ", what, " ", name));
  }
  Result<sys::UniqueFd> fd = open_locked(around_fd, name, what);
  if (!fd) (void)::unlinkat(around_fd, name.c_str(), AT_REMOVEDIR);
  return fd;
}

}  // namespace

Result<Claim> claim_directory(int around_fd, std::string_view prefix, std::string_view what) {
  for (int i = 0; i < kTries; ++i) {
    Result<std::string> name = random_name(prefix, what);
    if (!name) return name.error();
    Result<sys::UniqueFd> lock = make_locked(around_fd, *name, what);
    if (!lock) return lock.error();
    if (lock->valid()) return Claim{.name = std::move(*name), .lock = std::move(*lock)};
  }
  return Error(cat("make ", what), "each is removed as soon as it is made");
}

sys::UniqueFd take_dead(int around_fd, const std::string& name) {
  Result<sys::UniqueFd> fd = sys::open_at(around_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  struct stat info{};
  if (!fd || ::fstat(fd->get(), &info) != 0 || info.st_uid != ::geteuid()) return {};
  if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) return {};
  return std::move(*fd);
}

Result<std::vector<std::string>> names_with(int around_fd, std::string_view prefix) {
  const std::string action = cat("look for ", prefix, "*");
  Result<sys::UniqueFd> fd = sys::open_at(around_fd, ".", O_RDONLY | O_DIRECTORY);
  if (!fd) return sys::failure(action, fd.error().code());
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(fd->get()), &::closedir);
  if (directory == nullptr) return sys::failure(action);
  (void)fd->release();
  std::vector<std::string> names;
  for (errno = 0; const dirent* const entry = ::readdir(directory.get()); errno = 0) {
    if (std::string_view(entry->d_name).starts_with(prefix)) names.emplace_back(entry->d_name);
  }
  if (errno != 0) return sys::failure(action);
  return names;
}

}  // namespace kelp::launch
