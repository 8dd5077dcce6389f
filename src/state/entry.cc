// SPDX-License-Identifier: Apache-2.0
// One container's directory; see entry.h.
// Runs in: parent.
#include "state/entry.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::state {
namespace {

constexpr const char* kRecordName = "state.json";
constexpr std::string_view kNew = ".new";  // behind the name of what is being written
constexpr std::size_t kMaxRecord = 16U << 20U;
constexpr std::size_t kMaxConfig = 64U << 20U;
constexpr int kBacklog = 64;

// A name in the directory that fits into a sun_path, wherever the directory is.
sockaddr_un address_of(int dir_fd) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = cat("/proc/self/fd/", dir_fd, "/", kStartName);
  std::ranges::copy(path, static_cast<char*>(address.sun_path));
  return address;
}

Result<std::string> read_file_at(int dir_fd, const std::string& name, std::size_t max) {
  Result<sys::UniqueFd> fd = sys::open_at(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!fd) return fd.error();
  struct stat info{};
  if (::fstat(fd->get(), &info) != 0) return sys::failure(cat("look at ", name));
  if (!S_ISREG(info.st_mode)) return Error(cat("read ", name), "it is not a regular file");
  return sys::read_all(fd->get(), max, name);
}

}  // namespace

Result<std::optional<Record>> Entry::read() const {
  const Result<std::string> text = read_file_at(fd_.get(), kRecordName, kMaxRecord);
  if (!text && text.error().code() == ENOENT) return std::optional<Record>();
  if (!text) return text.error();
  Result<Record> record = read_record(*text);
  if (!record) return std::move(record.error()).after(cat("container ", id_));
  return std::optional<Record>(std::move(*record));
}

Status Entry::write_whole(const std::string& name, std::string_view text) const {
  const std::string temporary = cat(name, kNew);
  // What a killed kelp has left.
  if (::unlinkat(fd_.get(), temporary.c_str(), 0) != 0 && errno != ENOENT)
    return sys::failure(cat("remove ", temporary));
  const Result<sys::UniqueFd> fd =
      sys::open_at(fd_.get(), temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  if (!fd) return fd.error();
  if (Status s = sys::write_all(fd->get(), text, cat(temporary, " of container ", id_)); !s) {
    (void)::unlinkat(fd_.get(), temporary.c_str(), 0);
    return s;
  }
  if (::fsync(fd->get()) != 0) return sys::failure(cat("write ", temporary));
  if (::renameat(fd_.get(), temporary.c_str(), fd_.get(), name.c_str()) != 0)
    return sys::failure(cat("rename ", temporary, " to ", name));
  if (::fsync(fd_.get()) != 0) return sys::failure(cat("write the directory of ", name));
  return {};
}

Status Entry::write(const Record& record) const { return write_whole(kRecordName, text_of(record)); }

Status Entry::write_config(std::string_view text) const {
  return write_whole(std::string(kConfigName), text);
}

Result<std::string> Entry::read_config() const {
  return read_file_at(fd_.get(), std::string(kConfigName), kMaxConfig);
}

Status Entry::write_request(std::string_view text) const {
  return write_whole(std::string(kRequestName), text);
}

Result<std::string> Entry::read_request() const {
  return read_file_at(fd_.get(), std::string(kRequestName), kMaxConfig);
}

Result<sys::UniqueFd> Entry::make_log() const {
  return sys::open_at(fd_.get(), std::string(kLogName), O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW,
                      0600);
}

Result<sys::UniqueFd> Entry::open_log() const {
  return sys::open_at(fd_.get(), std::string(kLogName), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
}

Result<sys::UniqueFd> Entry::listen() const {
  sys::UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return sys::failure("make a socket");
  const sockaddr_un address = address_of(fd_.get());
  const auto* const plain = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(fd.get(), plain, sizeof address) != 0) return sys::failure(cat("bind the socket ", kStartName));
  if (::listen(fd.get(), kBacklog) != 0) return sys::failure(cat("listen at the socket ", kStartName));
  return fd;
}

Result<sys::UniqueFd> Entry::connect() const {
  sys::UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return sys::failure("make a socket");
  const sockaddr_un address = address_of(fd_.get());
  const auto* const plain = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(fd.get(), plain, sizeof address) != 0)
    return sys::failure(cat("connect to the socket ", kStartName));
  return fd;
}

void Entry::forget_start() const { (void)::unlinkat(fd_.get(), std::string(kStartName).c_str(), 0); }

bool Entry::is_same_as(const Entry& other) const {
  struct stat ours{};
  struct stat theirs{};
  return ::fstat(fd_.get(), &ours) == 0 && ::fstat(other.fd(), &theirs) == 0 &&
         ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

bool Entry::is_held() const {
  // By a description of its own: a lock is of the open file, and ours may be the holder.
  const Result<sys::UniqueFd> other = sys::open_at(fd_.get(), ".", O_RDONLY | O_DIRECTORY);
  return !other || ::flock(other->get(), LOCK_SH | LOCK_NB) != 0;
}

Result<sys::UniqueFd> Entry::keep_from_removal() const {
  Result<sys::UniqueFd> own = sys::open_at(fd_.get(), ".", O_RDONLY | O_DIRECTORY);
  if (!own) return own;
  while (::flock(own->get(), LOCK_SH | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return sys::UniqueFd();
    if (errno != EINTR) return sys::failure(cat("lock container ", id_));
  }
  return own;
}

void Entry::shorten_log(off_t bytes) const {
  const Result<sys::UniqueFd> log = sys::open_at(fd_.get(), std::string(kLogName), O_WRONLY | O_NOFOLLOW);
  struct stat info{};
  if (!log || ::fstat(log->get(), &info) != 0) return;
  (void)::ftruncate(log->get(), std::max<off_t>(info.st_size - bytes, 0));
}

Status Entry::remove_files() const {
  // The record last: as long as it is there, all can be done again.
  const std::array<std::string, 8> names = {
      std::string(kStartName), std::string(kConfigName), cat(kConfigName, kNew), std::string(kRequestName),
      cat(kRequestName, kNew), std::string(kLogName),    cat(kRecordName, kNew), kRecordName};
  for (const std::string& name : names) {
    if (::unlinkat(fd_.get(), name.c_str(), 0) != 0 && errno != ENOENT)
      return sys::failure(cat("remove ", name)).after(cat("container ", id_));
  }
  return {};
}

}  // namespace kelp::state
