// SPDX-License-Identifier: Apache-2.0
// The directory of a user's containers; see store.h.
// Runs in: parent.
#include "state/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::state {
namespace {

constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
constexpr int kTries = 100;
constexpr mode_t kOthersMayWrite = S_IWGRP | S_IWOTH;

// Its parents may be links, as the caller's path to them has it; what holds the containers is none.
Result<sys::UniqueFd> open_or_make(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST && end == std::string::npos)
      return sys::failure(cat("make the directory ", part));
    if (end == std::string::npos) break;
  }
  return sys::open_file(path, kDirectory);
}

// Somebody else who could put a directory there could name a process of ours to be killed.
Status check_is_ours(int fd, const std::string& path) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return sys::failure(cat("look at ", path));
  if (info.st_uid != ::geteuid()) return Error(cat("use ", path), "it belongs to another user");
  if ((info.st_mode & kOthersMayWrite) != 0)
    return Error(cat("use ", path), "others may write to it").with_hint(cat("chmod go-w ", path));
  return {};
}

// Whether the name still means what was opened: it may have been removed, and made anew, meanwhile.
bool is_still_there(int around_fd, const std::string& name, int fd) {
  struct stat named{};
  struct stat open{};
  return ::fstatat(around_fd, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 && ::fstat(fd, &open) == 0 &&
         named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

Error missing(const std::string& id) {
  return Error(cat("find container ", id), "there is none with this id").with_code(ENOENT);
}

Error taken(const std::string& id) {
  return Error(cat("make container ", id), "there is one with this id").with_code(EEXIST);
}

}  // namespace

bool is_id(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+.-";
  constexpr std::size_t kLongest = 255;  // of a file's name
  return !text.empty() && text.size() <= kLongest && text != "." && text != ".." &&
         text.find_first_not_of(kLetters) == std::string_view::npos;
}

Result<Store> Store::open(const std::string& root) {
  std::string path = root;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  Result<sys::UniqueFd> fd = open_or_make(path);
  if (!fd) return std::move(fd.error()).after("the containers' state");
  if (Status s = check_is_ours(fd->get(), path); !s)
    return std::move(s.error()).after("the containers' state");
  return Store(std::move(path), std::move(*fd));
}

Result<Entry> Store::make(const std::string& id) const {
  for (int i = 0; i < kTries; ++i) {
    const bool made = ::mkdirat(fd_.get(), id.c_str(), 0700) == 0;
    if (!made && errno != EEXIST) return sys::failure(cat("make the directory of container ", id));
    Result<sys::UniqueFd> fd = sys::open_at(fd_.get(), id, kDirectory);
    if (!fd && fd.error().code() == ENOENT) continue;  // another has removed it
    if (!fd) return fd.error();
    if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return taken(id);
      return sys::failure(cat("lock container ", id));
    }
    if (!is_still_there(fd_.get(), id, fd->get())) continue;
    Entry entry(id, std::move(*fd));
    const Result<std::optional<Record>> record = entry.read();
    if (!record || *record) return taken(id);
    // Nobody holds it and it has no record: whoever made it, or removed it, was killed right then.
    if (!made) {
      if (Status s = entry.remove_files(); !s) return s.error();
    }
    return entry;
  }
  return Error(cat("make container ", id), "its directory is removed as soon as it is made");
}

Result<Entry> Store::find(const std::string& id) const {
  if (!is_id(id)) return missing(id);
  Result<sys::UniqueFd> fd = sys::open_at(fd_.get(), id, kDirectory);
  if (!fd && fd.error().code() == ENOENT) return missing(id);
  if (!fd) return fd.error();
  return Entry(id, std::move(*fd));
}

Result<Entry> Store::hold(const std::string& id) const {
  for (int i = 0; i < kTries; ++i) {
    Result<Entry> entry = find(id);
    if (!entry) return entry;
    int locked = -1;
    do {
      locked = ::flock(entry->fd(), LOCK_EX);
    } while (locked != 0 && errno == EINTR);
    if (locked != 0) return sys::failure(cat("lock container ", id));
    if (is_still_there(fd_.get(), id, entry->fd())) return entry;
  }
  return missing(id);
}

Status Store::remove(Entry entry) const {
  if (Status s = entry.remove_files(); !s) return s;
  if (::unlinkat(fd_.get(), entry.id().c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
    return sys::failure(cat("remove the directory of container ", entry.id()));
  return {};
}

Result<std::vector<std::string>> Store::names() const {
  // A descriptor of its own: reading moves its offset.
  Result<sys::UniqueFd> fd = sys::open_at(fd_.get(), ".", kDirectory);
  if (!fd) return fd.error();
  const std::unique_ptr<DIR, int (*)(DIR*)> list(::fdopendir(fd->get()), ::closedir);
  if (!list) return sys::failure(cat("list ", path_));
  (void)fd->release();
  std::vector<std::string> names;
  while (const dirent* const entry = ::readdir(list.get())) {
    if (is_id(entry->d_name)) names.emplace_back(entry->d_name);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace kelp::state
