// SPDX-License-Identifier: Apache-2.0
// A socket of the test's own, on which a runtime sends a descriptor with a text: as engines and seccomp
// agents have one.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

namespace kelp::harness {

class UnixListener {
 public:
  struct Sent {
    std::string text;
    int fd = -1;  // -1: none came
  };

  explicit UnixListener(std::string path) : path_(std::move(path)) {
    address_.sun_family = AF_UNIX;
    EXPECT_LT(path_.size(), sizeof address_.sun_path);
    std::memcpy(address_.sun_path, path_.c_str(), std::min(path_.size(), sizeof address_.sun_path - 1));
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address_), sizeof address_), 0);
    EXPECT_EQ(::listen(fd_, 1), 0);
  }
  ~UnixListener() {
    for (const int one : waiting_) ::close(one);
    ::close(fd_);
  }
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;

  const std::string& path() const { return path_; }

  /// So many wait for it as may; the next one is let in by nobody.
  void fill() {
    for (;;) {
      const int one = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      waiting_.push_back(one);
      if (::connect(one, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) != 0) return;
    }
  }

  /// What the next connection sends; nothing after ten seconds without one.
  Sent receive() const {
    constexpr int kPatienceMs = 10'000;
    pollfd entry{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&entry, 1, kPatienceMs) != 1) return {};
    const int connection = ::accept(fd_, nullptr, nullptr);
    char text[4096] = {};
    char control[CMSG_SPACE(sizeof(int))] = {};
    iovec part{.iov_base = text, .iov_len = sizeof text};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = ::recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
    ::close(connection);
    Sent sent;
    if (size > 0) sent.text.assign(text, static_cast<std::size_t>(size));
    if (const cmsghdr* const header = CMSG_FIRSTHDR(&message))
      std::memcpy(&sent.fd, CMSG_DATA(header), sizeof sent.fd);
    return sent;
  }

 private:
  sockaddr_un address_{};
  std::vector<int> waiting_;
  std::string path_;
  int fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

}  // namespace kelp::harness
