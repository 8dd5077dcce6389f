// SPDX-License-Identifier: Apache-2.0
// Pipes and socket pairs; see pipe.h.
// Runs in: both.
#include "sys/pipe.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cstring>

#include "sys/failure.h"

namespace kelp::sys {

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failure("make a pipe");
  return Pipe{.read_end = UniqueFd(ends[0]), .write_end = UniqueFd(ends[1])};
}

Result<SocketPair> make_socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return failure("make a socket pair");
  return SocketPair{.ours = UniqueFd(ends[0]), .theirs = UniqueFd(ends[1])};
}

Result<std::size_t> send_some(int socket_fd, const void* bytes, std::size_t size, int fd) {
  iovec data{.iov_base = const_cast<void*>(bytes), .iov_len = size};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  for (;;) {
    const ssize_t count = ::sendmsg(socket_fd, &message, MSG_NOSIGNAL);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return failure("send a message to the other half of kelp");
  }
}

Status send_message(int socket_fd, const void* bytes, std::size_t size, int fd) {
  const Result<std::size_t> sent = send_some(socket_fd, bytes, size, fd);
  return sent ? Status() : Status(sent.error());
}

Result<Received> receive_message(int socket_fd, void* bytes, std::size_t size) {
  iovec data{.iov_base = bytes, .iov_len = size};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t count = 0;
  while ((count = ::recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT)) < 0) {
    if (errno == ECONNRESET) return Received{};
    if (errno != EINTR) return failure("receive a message from the other half of kelp");
  }
  Received received{.size = static_cast<std::size_t>(count), .fd = UniqueFd()};
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    received.fd.reset(fd);
  }
  return received;
}

}  // namespace kelp::sys
