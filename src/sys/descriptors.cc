// SPDX-License-Identifier: Apache-2.0
// The table of descriptors; see descriptors.h.
// Runs in: both.
#include "sys/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <memory>
#include <optional>
#include <string>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/pipe.h"

namespace kelp::sys {
namespace {

// True where close_range(2) did it; filters of outer containers may not know it (in the kernel since 5.9).
bool by_range(unsigned first, unsigned last, unsigned flags) {
  return first > last || ::syscall(SYS_close_range, first, last, flags) == 0;
}

// Every gap between the sorted descriptors, from `first` on.
bool by_ranges(unsigned first, const std::vector<int>& sorted_fds, unsigned flags) {
  for (const int fd : sorted_fds) {
    const auto kept = static_cast<unsigned>(fd);
    if (kept < first) continue;
    if (kept > first && !by_range(first, kept - 1, flags)) return false;
    first = kept + 1;
  }
  return by_range(first, UINT_MAX, flags);
}

// The list is that of this process only if it leads to a pipe that nobody else has. Inside a container the
// path is whatever its root says: a directory with few names, or the proc of another process, would make us
// keep what has to go.
bool is_own_list(int list_fd) {
  struct statfs filesystem{};
  if (::fstatfs(list_fd, &filesystem) != 0 || filesystem.f_type != PROC_SUPER_MAGIC) return false;
  const Result<Pipe> pipe = make_pipe();
  if (!pipe) return false;
  const int fd = pipe->read_end.get();
  struct stat own{};
  struct stat listed{};
  return ::fstat(fd, &own) == 0 && ::fstatat(list_fd, std::to_string(fd).c_str(), &listed, 0) == 0 &&
         own.st_dev == listed.st_dev && own.st_ino == listed.st_ino;
}

// The numbers in /proc/self/fd, that of the list itself among them; nothing where it is not to be trusted.
std::optional<std::vector<int>> read_own_list() {
  Result<UniqueFd> opened = open_file("/proc/self/fd", O_RDONLY | O_DIRECTORY);
  if (!opened || !is_own_list(opened->get())) return std::nullopt;
  const std::unique_ptr<DIR, int (*)(DIR*)> list(::fdopendir(opened->get()), ::closedir);
  if (!list) return std::nullopt;
  (void)opened->release();
  std::vector<int> fds;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(list.get());
    if (entry == nullptr) break;
    if (const auto fd = read_decimal(entry->d_name, INT_MAX)) fds.push_back(static_cast<int>(*fd));
  }
  if (errno != 0) return std::nullopt;
  return fds;
}

void one_by_one(unsigned first, const std::vector<int>& sorted_fds, unsigned flags) {
  const auto handle = [&](int fd) {
    if (static_cast<unsigned>(fd) < first || std::binary_search(sorted_fds.begin(), sorted_fds.end(), fd))
      return;
    if ((flags & CLOSE_RANGE_CLOEXEC) != 0) {
      ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    } else {
      ::close(fd);
    }
  };
  if (const std::optional<std::vector<int>> fds = read_own_list()) {
    std::for_each(fds->begin(), fds->end(), handle);
    return;
  }
  // Without a /proc there is no list: every number that the limit allows, a million on some machines.
  rlimit limit{};
  int end = INT_MAX;
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max < INT_MAX)
    end = static_cast<int>(limit.rlim_max);
  for (int fd = 0; fd < end; ++fd) handle(fd);
}

void each_other(unsigned first, const std::vector<int>& sorted_fds, unsigned flags) {
  if (!by_ranges(first, sorted_fds, flags)) one_by_one(first, sorted_fds, flags);
}

}  // namespace

void close_all_but(const std::vector<int>& sorted_fds) { each_other(0, sorted_fds, 0); }

Status keep_over_exec(const std::vector<int>& sorted_fds) {
  each_other(3, sorted_fds, CLOSE_RANGE_CLOEXEC);
  for (const int fd : sorted_fds) {
    if (::fcntl(fd, F_SETFD, 0) != 0) return failure(cat("pass on descriptor ", fd));
  }
  return {};
}

std::vector<int> open_descriptors() {
  std::vector<int> fds;
  if (std::optional<std::vector<int>> listed = read_own_list()) {
    // The list's own descriptor is among them, and closed by now.
    for (const int fd : *listed) {
      if (::fcntl(fd, F_GETFD) >= 0) fds.push_back(fd);
    }
  } else {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return fds;
    for (int fd = 0; static_cast<rlim_t>(fd) < limit.rlim_max && fd < INT_MAX; ++fd) {
      if (::fcntl(fd, F_GETFD) >= 0) fds.push_back(fd);
    }
  }
  std::sort(fds.begin(), fds.end());
  return fds;
}

Status fill_standard_streams() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is fd itself, since those below are open.
    if (::open("/dev/null", O_RDWR) != fd) return failure("open /dev/null");
  }
  return {};
}

}  // namespace kelp::sys
