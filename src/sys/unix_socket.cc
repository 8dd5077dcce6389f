// SPDX-License-Identifier: Apache-2.0
// UNIX sockets that have a path; see unix_socket.h.
// Runs in: parent.
#include "sys/unix_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::sys {

Result<UniqueFd> connect_unix(const std::string& path, int type) {
  const std::string action = cat("connect to the socket ", path);
  const Result<UniqueFd> file = open_file(path, O_PATH);
  if (!file) return failure(action, file.error().code());
  UniqueFd socket(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return failure(action);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(proc_path(file->get()), static_cast<char*>(address.sun_path));
  while (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno != EINTR) return failure(action);
  }
  return socket;
}

}  // namespace kelp::sys
