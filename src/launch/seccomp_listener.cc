// SPDX-License-Identifier: Apache-2.0
// Who answers the container's system calls gets to know of it; see seccomp_listener.h.
// Runs in: parent.
#include "launch/seccomp_listener.h"

#include <sys/socket.h>
#include <sys/timerfd.h>

#include <array>
#include <cerrno>
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

constexpr long kBetweenTriesNs = 20'000'000;

// Never deaf: to signals, to --timeout, to the end of the container.
Status wait_shortly(Running& running) {
  const sys::UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
  const itimerspec once{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_nsec = kBetweenTriesNs}};
  if (!timer.valid() || ::timerfd_settime(timer.get(), 0, &once, nullptr) != 0)
    return sys::failure("set a timer");
  const std::array<int, 2> awaited = {timer.get(), running.process.pidfd()};
  const Result<std::size_t> ready = wait_for_any(awaited, Stage::kSettingUp, running);
  if (!ready) return ready.error();
  return *ready == 0 ? Status() : Error("wait for the listener", "the container's process has ended");
}

// unix(7): where as many wait as it lets wait, that is told at once, and nothing tells of the change.
Result<sys::UniqueFd> connect_patiently(const std::string& path, Running& running) {
  for (;;) {
    Result<sys::UniqueFd> socket = sys::connect_unix(path, SOCK_STREAM | SOCK_NONBLOCK);
    if (socket || socket.error().code() != EAGAIN) return socket;
    if (Status s = wait_shortly(running); !s) return s.error();
  }
}

Status send(const SeccompListener& listener, int filter_fd, Running& running) {
  const std::string action = cat("pass the listener of the system call filter to ", listener.path);
  const Result<sys::UniqueFd> socket = connect_patiently(listener.path, running);
  if (!socket && socket.error().code() == 0) return socket.error();
  if (!socket) return sys::failure(action, socket.error().code()).after(listener.origin.text);
  const std::string document = join(listener.document, std::to_string(running.process.pid()));
  const Result<std::size_t> sent = sys::send_some(socket->get(), document.data(), document.size(), filter_fd);
  if (!sent) return sys::failure(action, sent.error().code()).after(listener.origin.text);
  return write_patiently(socket->get(), std::string_view(document).substr(*sent), listener.path, running);
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
  if (Status s = send(listener, received->fd.get(), running); !s) return s;
  running.notify.reset();
  return go_on(running);
}

}  // namespace kelp::launch
