// SPDX-License-Identifier: Apache-2.0
// Pipes and socket pairs between parent and child, close-on-exec on both ends.
// Runs in: both.
#pragma once

#include "base/result.h"
#include "sys/unique_fd.h"

namespace kelp::sys {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Result<Pipe> make_pipe();

// A pair of connected sockets that keep message boundaries (SOCK_SEQPACKET); either end sees EOF when
// the other is gone.
struct SocketPair {
  UniqueFd ours;
  UniqueFd theirs;
};

Result<SocketPair> make_socket_pair();

// Sends a few bytes, with a descriptor where fd is not -1 (SCM_RIGHTS, unix(7)).
Status send_message(int socket_fd, const void* bytes, std::size_t size, int fd = -1);
// The same to somebody else, who may not read: how many were taken, of a socket that does not block.
Result<std::size_t> send_some(int socket_fd, const void* bytes, std::size_t size, int fd);

struct Received {
  std::size_t size = 0;  // 0: the other end is gone
  UniqueFd fd;           // the descriptor that came along, if any
};
// Does not wait (EAGAIN): the other end may have been passed on to somebody who keeps it open for ever.
Result<Received> receive_message(int socket_fd, void* bytes, std::size_t size);

}  // namespace kelp::sys
