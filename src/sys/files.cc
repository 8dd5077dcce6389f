// SPDX-License-Identifier: Apache-2.0
// Bounded reads and whole writes; see files.h.
// Runs in: both.
#include "sys/files.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

#include "base/text.h"
#include "sys/failure.h"

namespace kelp::sys {
namespace {

// What a pipe that poll calls writable takes at once.
constexpr std::size_t kTakenAtOnce = 2048;

// The same terminal, so that a write to it does not wait; O_NONBLOCK on the descriptor that we were given
// would hold for all who share it. A terminal promises by poll(2) no more than a byte. Nothing: it is none,
// may not be opened, or is a master, of which that would make a new one.
UniqueFd open_terminal_anew(int fd) {
  unsigned number = 0;
  if (::isatty(fd) != 1 || ::ioctl(fd, TIOCGPTN, &number) == 0) return {};
  return UniqueFd(::open(proc_path(fd).c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

// The same pipe, likewise. Nothing: it is none, it may not be opened, or nobody has its other end.
UniqueFd open_pipe_anew(int fd) {
  struct stat info{};
  if (::fstat(fd, &info) != 0 || !S_ISFIFO(info.st_mode)) return {};
  return UniqueFd(::open(proc_path(fd).c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
}

}  // namespace

Result<UniqueFd> open_at(int dir_fd, const std::string& name, int flags, mode_t mode) {
  for (;;) {
    UniqueFd fd(::openat(dir_fd, name.c_str(), flags | O_CLOEXEC, mode));
    if (fd.valid()) return fd;
    if (errno != EINTR) return failure(cat("open ", name));
  }
}

Result<UniqueFd> open_file(const std::string& path, int flags, mode_t mode) {
  return open_at(AT_FDCWD, path, flags, mode);
}

Result<std::string> read_all(int fd, std::size_t max, std::string_view name) {
  std::string out;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      return failure(cat("read ", name));
    }
    if (count == 0) return out;
    if (out.size() + static_cast<std::size_t>(count) > max) return failure(cat("read ", name), EFBIG);
    out.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Result<std::string> read_file(const std::string& path, std::size_t max) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer before fstat can refuse it.
  Result<UniqueFd> fd = open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) return fd.error();
  struct stat info{};
  if (::fstat(fd->get(), &info) != 0) return failure(cat("read ", path));
  if (!S_ISREG(info.st_mode)) return Error(cat("read ", path), "it is not a regular file");
  return read_all(fd->get(), max, path);
}

Result<std::string> read_proc(const std::string& path, std::size_t max) {
  Result<UniqueFd> fd = open_file(path, O_RDONLY | O_NOCTTY);
  if (!fd) return fd.error();
  return read_all(fd->get(), max, path);
}

Status write_all(int fd, std::string_view bytes, std::string_view name) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      return failure(cat("write ", name));
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<std::size_t> write_at_once(int fd, std::string_view bytes, std::string_view name) {
  iovec data{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
  ssize_t count = ::pwritev2(fd, &data, 1, -1, RWF_NOWAIT);
  // A pipe of one page that holds a line already has room for another, and poll(2) says no (since 5.5).
  if (count < 0 && errno == EOPNOTSUPP) {
    const UniqueFd pipe = open_pipe_anew(fd);
    if (pipe.valid()) {
      count = ::write(pipe.get(), bytes.data(), bytes.size());
      if (count < 0 && errno == EAGAIN) return 0;
    }
  }
  if (count < 0) {
    pollfd entry{.fd = fd, .events = POLLOUT, .revents = 0};
    if (::poll(&entry, 1, 0) == 0) return 0;
    const UniqueFd terminal = open_terminal_anew(fd);
    count = terminal.valid() ? ::write(terminal.get(), bytes.data(), bytes.size())
                             : ::write(fd, bytes.data(), std::min(bytes.size(), kTakenAtOnce));
  }
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno == EINTR || errno == EAGAIN) return 0;
  return failure(cat("write ", name));
}

Status write_file(const std::string& path, std::string_view text) {
  Result<UniqueFd> fd = open_file(path, O_WRONLY);
  if (!fd) return fd.error();
  ssize_t count = 0;
  while ((count = ::write(fd->get(), text.data(), text.size())) < 0) {
    if (errno != EINTR) return failure(cat("write ", path));
  }
  if (static_cast<std::size_t>(count) != text.size()) return failure(cat("write ", path), EIO);
  return {};
}

Result<std::string> read_link(int dir_fd, const std::string& path) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = ::readlinkat(dir_fd, path.c_str(), target.data(), target.size());
  if (size < 0) return failure(cat("read the link ", path));
  target.resize(static_cast<std::size_t>(size));
  return target;
}

std::string working_directory() {
  std::array<char, PATH_MAX> path{};
  return ::getcwd(path.data(), path.size()) != nullptr && path[0] == '/' ? path.data() : "";
}

std::string proc_path(int fd) { return cat("/proc/self/fd/", fd); }

}  // namespace kelp::sys
