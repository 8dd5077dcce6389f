// SPDX-License-Identifier: Apache-2.0
// See copy_up.h. Somebody may change the tree meanwhile who shares it: no link is followed.
// Runs in: child.
#include "child/copy_up.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

constexpr int kMostLevels = 256;

class Copier {
 public:
  explicit Copier(std::string path) : path_(std::move(path)) {}

  Status copy_directory(int from_fd, int to_fd, int level) {
    if (level > kMostLevels) return failed(ELOOP);
    Result<sys::UniqueFd> opened = sys::open_at(from_fd, ".", O_RDONLY | O_DIRECTORY);
    if (!opened) return failed(opened.error().code());
    const std::unique_ptr<DIR, int (*)(DIR*)> list(::fdopendir(opened->get()), ::closedir);
    if (!list) return failed(errno);
    (void)opened->release();  // closedir closes it
    for (;;) {
      errno = 0;
      const dirent* const entry = ::readdir(list.get());
      if (entry == nullptr) return errno == 0 ? Status() : failed(errno);
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (Status s = copy(from_fd, to_fd, name, level); !s) return s;
    }
  }

 private:
  Error failed(int code) const { return sys::failure(cat("copy what is in ", path_), code); }

  Status copy(int from_fd, int to_fd, const std::string& name, int level) {
    struct stat info{};
    if (::fstatat(from_fd, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return failed(errno);
    Status done;
    switch (info.st_mode & S_IFMT) {
      case S_IFDIR: done = copy_below(from_fd, to_fd, name, level); break;
      case S_IFREG: done = copy_file(from_fd, to_fd, name); break;
      case S_IFLNK: done = copy_link(from_fd, to_fd, name); break;
      case S_IFSOCK: return {};
      default:
        if (::mknodat(to_fd, name.c_str(), info.st_mode & (S_IFMT | 0600U), info.st_rdev) != 0)
          return failed(errno);
    }
    if (!done) return done;
    if (::fchownat(to_fd, name.c_str(), info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) != 0)
      return failed(errno);
    // In a file system that nobody else has seen yet; after the owner, whose change takes bits away.
    if (!S_ISLNK(info.st_mode) && ::fchmodat(to_fd, name.c_str(), info.st_mode & 07777U, 0) != 0)
      return failed(errno);
    return {};
  }

  Status copy_below(int from_fd, int to_fd, const std::string& name, int level) {
    const Result<sys::UniqueFd> from = sys::open_at(from_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!from) return failed(from.error().code());
    if (::mkdirat(to_fd, name.c_str(), 0700) != 0) return failed(errno);
    const Result<sys::UniqueFd> to = sys::open_at(to_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!to) return failed(to.error().code());
    return copy_directory(from->get(), to->get(), level + 1);
  }

  Status copy_file(int from_fd, int to_fd, const std::string& name) {
    const Result<sys::UniqueFd> from =
        sys::open_at(from_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (!from) return failed(from.error().code());
    const Result<sys::UniqueFd> to = sys::open_at(to_fd, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (!to) return failed(to.error().code());
    Status copied = copy_all(from->get(), to->get(), name);
    return copied ? copied : failed(copied.error().code());
  }

  Status copy_link(int from_fd, int to_fd, const std::string& name) {
    const Result<std::string> target = sys::read_link(from_fd, name);
    if (!target) return failed(target.error().code());
    if (::symlinkat(target->c_str(), to_fd, name.c_str()) != 0) return failed(errno);
    return {};
  }

  std::string path_;
};

}  // namespace

Status copy_up(int from_fd, int to_fd, const std::string& path) {
  return Copier(path).copy_directory(from_fd, to_fd, 0);
}

}  // namespace kelp::child
