// SPDX-License-Identifier: Apache-2.0
// Who answers the container's system calls gets to know of it; see seccomp_listener.h.
// Runs in: parent.
#include "launch/seccomp_listener.h"

#include <sys/socket.h>

#include <array>
#include <string>

#include "base/text.h"
#include "launch/patience.h"
#include "launch/reports.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/pipe.h"
#include "sys/unix_socket.h"

namespace kelp::launch {
namespace {

Status send(const SeccompListener& listener, int filter_fd, pid_t pid) {
  const std::string action = cat("pass the listener of the system call filter to ", listener.path);
  const Result<sys::UniqueFd> socket = sys::connect_unix(listener.path, SOCK_STREAM);
  if (!socket) return sys::failure(action, socket.error().code()).after(listener.origin.text);
  const std::string document = join(listener.document, std::to_string(pid));
  const Status sent = sys::send_message(socket->get(), document.data(), document.size(), filter_fd);
  return sent ? sent : Status(sys::failure(action, sent.error().code()).after(listener.origin.text));
}

}  // namespace

Status pass_listener_on(const SeccompListener& listener, Running& running) {
  const std::array<int, 2> awaited = {running.notify.get(), running.process.pidfd()};
  const Result<std::size_t> ready = wait_for_any(awaited, Stage::kSettingUp, running);
  if (!ready) return ready.error();
  if (*ready != 0) return {};
  char byte = 0;
  const Result<sys::Received> received = sys::receive_message(running.notify.get(), &byte, sizeof byte);
  if (!received) return received.error();
  if (received->size == 0) return {};
  if (!received->fd.valid()) return sys::failure("take over the listener of the system call filter", EMFILE);
  if (Status s = send(listener, received->fd.get(), running.process.pid()); !s) return s;
  running.notify.reset();
  return go_on(running);
}

}  // namespace kelp::launch
