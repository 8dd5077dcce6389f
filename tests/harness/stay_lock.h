// SPDX-License-Identifier: Apache-2.0
// The containers that stay of the machine's root lie in one directory, /run/kelp/run, whatever the
// environment says: one test of them at a time.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <stdexcept>

namespace kelp::harness {

class StayLock {
 public:
  StayLock() {
    if (::geteuid() != 0) return;
    fd_ = ::open("/run/kelp-tests.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd_ < 0 || ::flock(fd_, LOCK_EX) != 0)
      throw std::runtime_error("harness: cannot lock /run/kelp-tests.lock");
  }
  StayLock(const StayLock&) = delete;
  StayLock& operator=(const StayLock&) = delete;
  ~StayLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  int fd_ = -1;
};

}  // namespace kelp::harness
