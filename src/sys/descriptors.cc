// SPDX-License-Identifier: Apache-2.0
// The table of descriptors; see descriptors.h.
// Runs in: both.
#include "sys/descriptors.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

#include "base/text.h"
#include "sys/failure.h"

namespace kelp::sys {
namespace {

// close_range(2) is in the kernel since 5.9; filters of outer containers may not know it.
void close_range(unsigned first, unsigned last, unsigned flags) {
  if (first > last || ::syscall(SYS_close_range, first, last, flags) == 0) return;
  rlimit limit{};
  unsigned end = last;
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max <= last)
    end = static_cast<unsigned>(limit.rlim_max);
  for (unsigned fd = first; fd <= end && fd < INT_MAX; ++fd) {
    if ((flags & CLOSE_RANGE_CLOEXEC) != 0) {
      ::fcntl(static_cast<int>(fd), F_SETFD, FD_CLOEXEC);
    } else {
      ::close(static_cast<int>(fd));
    }
  }
}

// Calls range on every gap between the sorted descriptors, from `first` on.
void each_gap(unsigned first, const std::vector<int>& sorted_fds, unsigned flags) {
  for (const int fd : sorted_fds) {
    const auto kept = static_cast<unsigned>(fd);
    if (kept < first) continue;
    if (kept > first) close_range(first, kept - 1, flags);
    first = kept + 1;
  }
  close_range(first, UINT_MAX, flags);
}

}  // namespace

void close_all_but(const std::vector<int>& sorted_fds) { each_gap(0, sorted_fds, 0); }

Status keep_over_exec(const std::vector<int>& sorted_fds) {
  each_gap(3, sorted_fds, CLOSE_RANGE_CLOEXEC);
  for (const int fd : sorted_fds) {
    if (::fcntl(fd, F_SETFD, 0) != 0) return failure(cat("pass on descriptor ", fd));
  }
  return {};
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
