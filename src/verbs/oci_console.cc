// SPDX-License-Identifier: Apache-2.0
// --console-socket; see oci_console.h.
#include "verbs/oci_console.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/pipe.h"
#include "sys/unix_socket.h"

namespace kelp::verbs {

Status check_console(const oci::Arguments& arguments, bool has_terminal, bool detaches) {
  if (arguments.console_socket && (!has_terminal || !detaches))
    return oci::refusal("cannot use console socket if kelp-oci will not detach or allocate tty");
  if (has_terminal && detaches && !arguments.console_socket)
    return oci::refusal("cannot allocate tty if kelp-oci will detach without setting console socket");
  return {};
}

Result<sys::UniqueFd> connect_console(const oci::Arguments& arguments) {
  if (!arguments.console_socket) return sys::UniqueFd();
  const std::string& path = *arguments.console_socket;
  Result<sys::UniqueFd> socket = sys::connect_unix(path, SOCK_STREAM);
  if (socket) return socket;
  return sys::failure(cat("connect to the console socket ", path), socket.error().code());
}

Status send_console(const sys::UniqueFd& socket, int master_fd) {
  unsigned number = 0;
  if (::ioctl(master_fd, TIOCGPTN, &number) != 0) return sys::failure("name the container's terminal");
  const std::string name = cat("/dev/pts/", number);
  const Status sent = sys::send_message(socket.get(), name.data(), name.size(), master_fd);
  if (!sent) return sys::failure("send the terminal to the console socket", sent.error().code());
  return {};
}

}  // namespace kelp::verbs
