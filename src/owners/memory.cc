// SPDX-License-Identifier: Apache-2.0
// Where something is kept of a file, and how it is shown; see memory.h.
// Runs in: child (the supervisor).
#include "owners/memory.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "owners/caller.h"

namespace kelp::owners {
namespace {

constexpr std::size_t kMaxText = 128;  // of the attribute

bool is_device(mode_t type) { return type == S_IFBLK || type == S_IFCHR; }

// A device is an empty file in truth.
bool is_shown_as_device(const Kept& kept, mode_t mode) { return is_device(kept.type) && S_ISREG(mode); }

bool is_truth(const Kept& kept, const struct stat& truth) {
  return kept.user == truth.st_uid && kept.group == truth.st_gid &&
         kept.permissions == (truth.st_mode & 07777U) && !is_shown_as_device(kept, truth.st_mode);
}

// The mount is, or its file system: what is kept beside ROOT would be a change of it all the same.
bool is_read_only(int fd) {
  struct statvfs info{};
  return ::fstatvfs(fd, &info) == 0 && (info.f_flag & ST_RDONLY) != 0;
}

}  // namespace

Memory::Memory(Table table) : table_(std::move(table)) {
  struct statx info{};
  if (::statx(AT_FDCWD, "/", 0, STATX_MNT_ID, &info) == 0) root_mount_ = info.stx_mnt_id;
}

// What lies in another mount than ROOT's is of another file system's, or of another place's on the same one:
// nothing of that is written down beside ROOT.
std::optional<FileId> Memory::identity_of(int fd) const {
  struct statx info{};
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME | STATX_MNT_ID, &info) != 0) return std::nullopt;
  const bool is_in_root = info.stx_mnt_id == root_mount_;
  FileId id{.device = is_in_root ? 0 : makedev(info.stx_dev_major, info.stx_dev_minor),
            .inode = info.stx_ino};
  if ((info.stx_mask & STATX_BTIME) != 0) {
    id.born_s = std::max<std::int64_t>(info.stx_btime.tv_sec, 0);
    id.born_ns = info.stx_btime.tv_nsec;
  }
  return id;
}

std::optional<Kept> Memory::of(int fd) {
  std::array<char, kMaxText> text;
  const ssize_t size = ::getxattr(own_path(fd).c_str(), kAttribute, text.data(), text.size());
  if (size >= 0) return read_kept({text.data(), static_cast<std::size_t>(size)});
  table_.read_news();
  if (table_.is_empty()) return std::nullopt;
  const std::optional<FileId> id = identity_of(fd);
  return id ? table_.find(*id) : std::nullopt;
}

int Memory::keep_in_table(int fd, const Kept& kept) {
  if (is_read_only(fd)) return EROFS;
  const std::optional<FileId> id = identity_of(fd);
  return id ? table_.keep(*id, kept) : errno;
}

int Memory::forget_in_table(int fd) {
  table_.read_news();
  if (table_.is_empty()) return 0;
  if (is_read_only(fd)) return EROFS;
  const std::optional<FileId> id = identity_of(fd);
  return id ? table_.forget(*id) : errno;
}

int Memory::keep(int fd, const struct stat& truth, const Kept& kept) {
  const std::string path = own_path(fd);
  const bool takes_attributes = S_ISREG(truth.st_mode) || S_ISDIR(truth.st_mode);
  if (is_truth(kept, truth)) {
    const bool is_gone =
        !takes_attributes || ::removexattr(path.c_str(), kAttribute) == 0 || (errno != EROFS && errno != EIO);
    return is_gone ? forget_in_table(fd) : errno;
  }
  if (takes_attributes) {
    const std::string text = text_of(kept);
    if (::setxattr(path.c_str(), kAttribute, text.data(), text.size(), 0) == 0) return forget_in_table(fd);
    // Else a file of somebody else's, or a file system without such attributes.
    if (errno != ENOTSUP && errno != EPERM && errno != EACCES) return errno;
  }
  return keep_in_table(fd, kept);
}

void show(const Kept& kept, struct stat& info) {
  const bool is_device = is_shown_as_device(kept, info.st_mode);
  if (is_device) info.st_rdev = makedev(kept.major, kept.minor);
  info.st_mode = kept.permissions | (is_device ? kept.type : info.st_mode & S_IFMT);
  info.st_uid = kept.user;
  info.st_gid = kept.group;
}

void show(const Kept& kept, struct statx& info) {
  const bool is_device = is_shown_as_device(kept, info.stx_mode);
  if (is_device) {
    info.stx_rdev_major = kept.major;
    info.stx_rdev_minor = kept.minor;
  }
  info.stx_mode = static_cast<__u16>(kept.permissions | (is_device ? kept.type : info.stx_mode & S_IFMT));
  info.stx_uid = kept.user;
  info.stx_gid = kept.group;
}

}  // namespace kelp::owners
