// SPDX-License-Identifier: Apache-2.0
// A pipe that nobody reads, for what kelp writes to it.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "e2e/container.h"

namespace kelp::harness {

inline constexpr int kDescriptor = 9;

// A pipe that takes nothing more until somebody reads.
class FullPipe {
 public:
  explicit FullPipe(bool is_full = true) {
    EXPECT_EQ(::pipe2(ends_, O_CLOEXEC), 0);
    const int size = ::fcntl(ends_[1], F_SETPIPE_SZ, 4096);
    EXPECT_GT(size, 0);
    if (is_full) fill();
  }
  ~FullPipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  FullPipe(const FullPipe&) = delete;
  FullPipe& operator=(const FullPipe&) = delete;

  void fill() const {
    ::fcntl(ends_[1], F_SETFL, O_WRONLY | O_NONBLOCK);
    while (::write(ends_[1], "-", 1) == 1) {
    }
    ::fcntl(ends_[1], F_SETFL, O_WRONLY);
  }
  // What a program has as descriptor `fd`.
  std::function<void()> as(int fd) const {
    return [write_end = ends_[1], fd] { ::dup2(write_end, fd); };
  }
  std::string read_once(std::size_t most) const {
    std::string text(most, '\0');
    pollfd entry{.fd = ends_[0], .events = POLLIN, .revents = 0};
    const ssize_t count =
        ::poll(&entry, 1, 10'000 * slowness()) != 1 ? 0 : ::read(ends_[0], text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }
  // Fewer where no more come.
  std::string read_bytes(std::size_t count) const {
    std::string text;
    while (text.size() < count) {
      const std::string more = read_once(count - text.size());
      if (more.empty()) break;
      text += more;
    }
    return text;
  }

 private:
  int ends_[2] = {-1, -1};
};

inline std::string line_of_status(pid_t pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name)) return line;
  }
  return {};
}

// Until kelp has taken the signals over and sleeps, for a moment on end.
inline bool wait_until_it_waits(pid_t pid) {
  const int enough = 20 * slowness();
  int times = 0;
  for (int i = 0; i < 25 * enough && times < enough; ++i) {
    const bool is_blocked =
        line_of_status(pid, "SigBlk:").find_first_of("123456789abcdef") != std::string::npos;
    times = is_blocked && line_of_status(pid, "State:\tS").starts_with("State") ? times + 1 : 0;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return times == enough;
}

}  // namespace kelp::harness
