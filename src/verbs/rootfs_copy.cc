// SPDX-License-Identifier: Apache-2.0
// Copying one file; see rootfs_copy.h. The new file has no name until it is complete: linkat(2) then gives it
// one, and refuses (EEXIST) what somebody else put there meanwhile.
#include "verbs/rootfs_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::verbs {
namespace {

constexpr const char* kTemporary = ".kelp-rootfs-new";
constexpr std::size_t kChunk = 1U << 30U;   // bytes a copy_file_range(2)
constexpr std::size_t kBuffer = 1U << 16U;  // bytes a read(2) where that does not work

class NewFile {
 public:
  static Result<NewFile> make(int parent_fd) {
    sys::UniqueFd unnamed(::openat(parent_fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    if (unnamed.valid()) return NewFile(parent_fd, std::move(unnamed), false);
    // EISDIR: a kernel or file system that takes the flag for O_DIRECTORY alone.
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) return sys::failure("make a file");
    ::unlinkat(parent_fd, kTemporary, 0);  // of a run that was killed
    sys::UniqueFd named(
        ::openat(parent_fd, kTemporary, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600));
    if (!named.valid()) return sys::failure("make a file");
    return NewFile(parent_fd, std::move(named), true);
  }
  NewFile(NewFile&& other) noexcept
      : parent_fd_(other.parent_fd_),
        fd_(std::move(other.fd_)),
        has_name_(std::exchange(other.has_name_, false)) {}
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile() {
    if (has_name_) ::unlinkat(parent_fd_, kTemporary, 0);
  }

  int fd() const { return fd_.get(); }

  Status name_it(const std::string& name) {
    const int done = has_name_ ? ::linkat(parent_fd_, kTemporary, parent_fd_, name.c_str(), 0)
                               : ::linkat(AT_FDCWD, sys::proc_path(fd()).c_str(), parent_fd_, name.c_str(),
                                          AT_SYMLINK_FOLLOW);
    if (done == 0) return {};
    // File systems without hard links (FAT, some FUSE): a rename that replaces nothing.
    if (has_name_ && (errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK) &&
        ::renameat2(parent_fd_, kTemporary, parent_fd_, name.c_str(), RENAME_NOREPLACE) == 0) {
      has_name_ = false;
      return {};
    }
    return sys::failure("name the file");
  }

 private:
  NewFile(int parent_fd, sys::UniqueFd fd, bool has_name)
      : parent_fd_(parent_fd), fd_(std::move(fd)), has_name_(has_name) {}

  int parent_fd_;
  sys::UniqueFd fd_;
  bool has_name_;
};

// read(2) and write(2) of [at, end) where the kernel cannot copy between these two file systems. Gives the
// offset reached, less than end where the source became shorter.
Result<off_t> copy_by_hand(int from_fd, int to_fd, off_t at, off_t end) {
  std::array<char, kBuffer> buffer;
  while (at < end) {
    const auto wanted = static_cast<std::size_t>(std::min<off_t>(end - at, kBuffer));
    const ssize_t count = ::pread(from_fd, buffer.data(), wanted, at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return sys::failure("read the file");
    if (count == 0) break;
    for (ssize_t done = 0; done < count;) {
      const ssize_t written =
          ::pwrite(to_fd, buffer.data() + done, static_cast<std::size_t>(count - done), at + done);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return sys::failure("write the file");
      done += written;
    }
    at += count;
  }
  return at;
}

// One stretch of data. copy_file_range(2) shares the blocks where the file system can (btrfs, xfs).
Status copy_range(int from_fd, int to_fd, off_t at, off_t end) {
  while (at < end) {
    off_t from = at, to = at;
    const auto wanted = static_cast<std::size_t>(std::min<off_t>(end - at, kChunk));
    const ssize_t count = ::copy_file_range(from_fd, &from, to_fd, &to, wanted, 0);
    if (count > 0) {
      at += count;
      continue;
    }
    if (count < 0 && errno == EINTR) continue;
    // ENOSPC and the like are met again and told by the write. 0: a source that the kernel cannot copy.
    Result<off_t> reached = copy_by_hand(from_fd, to_fd, at, end);
    return reached ? Status() : Status(reached.error());
  }
  return {};
}

Status copy_data(int from_fd, int to_fd, off_t size) {
  for (off_t at = 0; at < size;) {
    off_t data = ::lseek(from_fd, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) break;  // only a hole is left
    if (data < 0) data = at;                // a file system that knows no holes
    off_t hole = ::lseek(from_fd, data, SEEK_HOLE);
    if (hole < 0 || hole > size) hole = size;
    if (Status done = copy_range(from_fd, to_fd, data, hole); !done) return done;
    at = std::max(hole, data + 1);
  }
  if (::ftruncate(to_fd, size) != 0) return sys::failure("write the file");
  return {};
}

// A root holds the caller's own programs: a setuid bit would only make them the caller's for others.
std::vector<std::string> rights_to_drop(int source_fd, mode_t mode) {
  std::vector<std::string> dropped;
  if ((mode & S_ISUID) != 0) dropped.emplace_back("setuid bit");
  if ((mode & S_ISGID) != 0) dropped.emplace_back("setgid bit");
  if (::fgetxattr(source_fd, "security.capability", nullptr, 0) > 0) dropped.emplace_back("capabilities");
  return dropped;
}

Result<struct stat> look_at(int fd) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return sys::failure("look at the file");
  return info;
}

}  // namespace

Result<Copied> copy_file(int source_fd, int parent_fd, const std::string& name) {
  Result<struct stat> source = look_at(source_fd);
  if (!source) return source.error();
  Result<NewFile> file = NewFile::make(parent_fd);
  if (!file) return file.error();
  if (Status done = copy_data(source_fd, file->fd(), source->st_size); !done) return done.error();
  if (::fchmod(file->fd(), source->st_mode & 0777U) != 0) return sys::failure("set the mode of the file");
  const std::array<timespec, 2> times = {timespec{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, source->st_mtim};
  if (::futimens(file->fd(), times.data()) != 0) return sys::failure("set the time of the file");
  if (Status done = file->name_it(name); !done) return done.error();
  return Copied{.bytes = static_cast<std::uint64_t>(source->st_size),
                .dropped = rights_to_drop(source_fd, source->st_mode)};
}

Status make_text(std::string_view text, int parent_fd, const std::string& name) {
  Result<NewFile> file = NewFile::make(parent_fd);
  if (!file) return file.error();
  if (Status done = sys::write_all(file->fd(), text, name); !done) return done;
  if (::fchmod(file->fd(), 0644) != 0) return sys::failure("set the mode of the file");
  return file->name_it(name);
}

Result<bool> has_same_contents(int source_fd, int parent_fd, const std::string& name) {
  Result<struct stat> source = look_at(source_fd);
  if (!source) return source.error();
  struct stat info{};
  if (::fstatat(parent_fd, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return sys::failure("look at the file");
  if (!S_ISREG(info.st_mode) || info.st_size != source->st_size) return false;
  // An equal time proves nothing: files written within one tick of the kernel's clock have it too.
  Result<sys::UniqueFd> copy = sys::open_at(parent_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (!copy) return copy.error();
  std::array<char, kBuffer> one, other;
  for (off_t at = 0;;) {
    const ssize_t count = ::pread(source_fd, one.data(), one.size(), at);
    if (count < 0) return sys::failure("read the file");
    if (count == 0) return true;
    for (ssize_t done = 0; done < count;) {
      const ssize_t part =
          ::pread(copy->get(), other.data(), static_cast<std::size_t>(count - done), at + done);
      if (part < 0) return sys::failure("read the file");
      if (part == 0 || !std::equal(other.data(), other.data() + part, one.data() + done)) return false;
      done += part;
    }
    at += count;
  }
}

}  // namespace kelp::verbs
