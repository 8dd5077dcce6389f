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
bool is_still_there(int around_fd, const std::string& name, int fd) {
  struct stat named{};
  struct stat open{};
  return ::fstatat(around_fd, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 && ::fstat(fd, &open) == 0 &&
         named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

// A new directory, locked. Invalid: try another name, since another start has taken this one for a dead
// directory before it was locked, and removes it.
Result<sys::UniqueFd> make_locked(int around_fd, const std::string& name, std::string_view what) {
  if (::mkdirat(around_fd, name.c_str(), 0700) != 0) {
    if (errno == EEXIST) return sys::UniqueFd();
    return sys::failure(cat("make ", what, " ", name));
  }
  Result<sys::UniqueFd> fd = sys::open_at(around_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!fd && fd.error().code() == ENOENT) return sys::UniqueFd();
  if (fd && ::flock(fd->get(), LOCK_EX | LOCK_NB) == 0) {
    if (!is_still_there(around_fd, name, fd->get())) return sys::UniqueFd();
    return fd;
  }
  if (fd && errno == EWOULDBLOCK) return sys::UniqueFd();
  Error error = fd ? sys::failure(cat("lock ", what, " ", name)) : fd.error();
  (void)::unlinkat(around_fd, name.c_str(), AT_REMOVEDIR);
  return error;
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

std::vector<std::string> names_with(int around_fd, std::string_view prefix) {
  std::vector<std::string> names;
  Result<sys::UniqueFd> fd = sys::open_at(around_fd, ".", O_RDONLY | O_DIRECTORY);
  if (!fd) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(fd->get()), &::closedir);
  if (directory == nullptr) return names;
  (void)fd->release();
  while (const dirent* const entry = ::readdir(directory.get())) {
    if (std::string_view(entry->d_name).starts_with(prefix)) names.emplace_back(entry->d_name);
  }
  return names;
}

}  // namespace kelp::launch
