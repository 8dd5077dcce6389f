// SPDX-License-Identifier: Apache-2.0
// Removes a directory with all that is in it; see remove_tree.h.
// Runs in: both.
#include "sys/remove_tree.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/mounts.h"
#include "sys/unique_fd.h"

namespace kelp::sys {
namespace {

struct DirectoryCloser {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, DirectoryCloser>;

Error failed(const std::string& name, int code = errno) { return failure(cat("remove ", name), code); }

// Overlayfs leaves a directory of mode 000 in its work directory, and a command may have made more. Who is
// not the owner and has no rights over it meets EACCES soon after.
void open_up(const UniqueFd& directory) {
  struct stat info{};
  if (::fstat(directory.get(), &info) != 0 || (info.st_mode & S_IRWXU) == S_IRWXU) return;
  (void)::chmod(proc_path(directory.get()).c_str(), S_IRWXU);
}

class Removal {
 public:
  explicit Removal(std::uint64_t mount_id) : mount_id_(mount_id) {}

  Status remove(int dir_fd, const std::string& name) {
    Result<Directory> top = open(dir_fd, name);
    if (!top) return top.error().code() == ENOENT ? Status() : top.error();
    top_fd_ = ::dirfd(top->get());
    Status emptied = empty(*top, [&](const std::string& entry) { return remove_flat(entry); });
    if (!emptied) return emptied;
    return remove_empty(dir_fd, name);
  }

 private:
  Result<Directory> open(int dir_fd, const std::string& name) const {
    const Result<UniqueFd> path = open_at(dir_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!path) return failed(name, path.error().code());
    const Result<MountIdentity> identity = identify(path->get());
    if (!identity) return identity.error();
    if (identity->mount_id != mount_id_) return failed(name, EXDEV);
    open_up(*path);
    Result<UniqueFd> fd = open_at(path->get(), ".", O_RDONLY | O_DIRECTORY);
    if (!fd) return failed(name, fd.error().code());
    Directory directory(::fdopendir(fd->get()));
    if (directory == nullptr) return failed(name);
    (void)fd->release();
    return directory;
  }

  // Hands out the names until a whole reading finds none: what is added meanwhile may or may not be read.
  template <typename Remove>
  Status empty(const Directory& directory, const Remove& remove) {
    for (bool has_found = true; has_found;) {
      has_found = false;
      ::rewinddir(directory.get());
      for (;;) {
        errno = 0;
        const dirent* const entry = ::readdir(directory.get());
        if (entry == nullptr) break;
        const std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        has_found = true;
        if (Status s = remove(name); !s) return s;
      }
      if (errno != 0) return failure("read a directory to be removed");
    }
    return {};
  }

  // An entry of the top directory. What lies deeper is lifted to the top first, so that nothing ever does:
  // a walk down and up again would need a descriptor a level, or trust `..`.
  Status remove_flat(const std::string& name) {
    if (const std::optional<Status> done = remove_file(top_fd_, name)) return *done;
    Result<Directory> directory = open(top_fd_, name);
    if (!directory) return directory.error();
    const int fd = ::dirfd(directory->get());
    Status emptied = empty(*directory, [&](const std::string& entry) -> Status {
      if (const std::optional<Status> done = remove_file(fd, entry)) return *done;
      if (::unlinkat(fd, entry.c_str(), AT_REMOVEDIR) == 0) return {};
      if (errno != ENOTEMPTY && errno != EEXIST) return failed(entry);
      return lift(fd, entry);
    });
    if (!emptied) return emptied;
    return remove_empty(top_fd_, name);
  }

  // Nothing where it is a directory.
  static std::optional<Status> remove_file(int dir_fd, const std::string& name) {
    if (::unlinkat(dir_fd, name.c_str(), 0) == 0 || errno == ENOENT) return Status();
    if (errno == EISDIR) return std::nullopt;
    return failed(name);
  }

  static Status remove_empty(int dir_fd, const std::string& name) {
    if (::unlinkat(dir_fd, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
    return failed(name);
  }

  Status lift(int dir_fd, const std::string& name) {
    // Moving a directory elsewhere changes its `..`, for which it must be writable.
    const Result<UniqueFd> path = open_at(dir_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!path) return failed(name, path.error().code());
    open_up(*path);
    for (;;) {
      const std::string free_name = std::to_string(next_++);
      if (::renameat(dir_fd, name.c_str(), top_fd_, free_name.c_str()) == 0) return {};
      const bool is_taken = errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR;
      if (!is_taken) return failed(name);
    }
  }

  std::uint64_t mount_id_;
  int top_fd_ = -1;
  std::uint64_t next_ = 0;
};

}  // namespace

Status remove_tree(int dir_fd, const std::string& name) {
  const Result<MountIdentity> around = identify(dir_fd);
  if (!around) return around.error();
  return Removal(around->mount_id).remove(dir_fd, name);
}

}  // namespace kelp::sys
