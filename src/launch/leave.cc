// SPDX-License-Identifier: Apache-2.0
// Containers that outlive kelp; see leave.h.
// Runs in: parent.
#include "launch/leave.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <climits>
#include <optional>
#include <utility>

#include "base/text.h"
#include "child/report.h"
#include "launch/explain.h"
#include "sys/failure.h"
#include "sys/pipe.h"
#include "sys/start_message.h"
#include "sys/unix_socket.h"

namespace kelp::launch {
namespace {

constexpr const char* kAction = "start the command";

// It was sent before the child's last report.
Result<sys::UniqueFd> take_terminal(const sys::UniqueFd& status) {
  child::StatusMessage message;
  Result<sys::Received> received = sys::receive_message(status.get(), &message, sizeof message);
  if (!received) return std::move(received.error()).after("for the container's terminal");
  if (received->size != sizeof message || message.kind != child::StatusKind::kTerminal)
    return Error("take over the container's terminal", "the container's process has not sent it");
  // Where our limit of descriptors is reached the message comes without.
  if (!received->fd.valid()) return sys::failure("take over the container's terminal", EMFILE);
  return std::move(received->fd);
}

Status send_text(int socket_fd, sys::StartMessage kind, std::string_view text) {
  while (!text.empty()) {
    const std::string_view part = text.substr(0, sys::kMostOfMessage - 1);
    const std::string message = cat(std::string_view(reinterpret_cast<const char*>(&kind), 1), part);
    if (Status s = sys::send_message(socket_fd, message.data(), message.size()); !s)
      return sys::failure(kAction, s.error().code());
    text.remove_prefix(part.size());
  }
  return {};
}

// The next report; nothing at the end.
Result<std::optional<child::Report>> hear(int socket_fd) {
  std::array<char, PIPE_BUF> buffer;
  ssize_t size = -1;
  do {
    size = ::recv(socket_fd, buffer.data(), buffer.size(), 0);
  } while (size < 0 && errno == EINTR);
  // Somebody else's word came first, and with the execve the socket went on which we waited.
  if (size < 0) return sys::failure(kAction, errno == ECONNRESET ? ECONNREFUSED : errno);
  if (size == 0) return std::optional<child::Report>();
  std::optional<child::Report> report = child::read_report({buffer.data(), static_cast<std::size_t>(size)});
  if (!report) return Error(kAction, "what waits for it speaks another language");
  return report;
}

}  // namespace

Result<Left> leave(const plan::Plan& plan, Running running) {
  Left left;
  if (plan.has_terminal) {
    Result<sys::UniqueFd> terminal = take_terminal(running.status);
    if (!terminal) return terminal.error();
    left.terminal = std::move(*terminal);
  }
  running.cgroup.leave();
  left.pid = running.process.pid();
  left.pidfd = running.process.release();
  return left;
}

Status tell_start(const std::string& path, std::string_view state_before_pid,
                  std::string_view state_after_pid) {
  if (state_before_pid.size() + state_after_pid.size() > sys::kMostOfState)
    return Error(kAction, cat("the state document is longer than ", sys::kMostOfState, " bytes"));
  const Result<sys::UniqueFd> socket = sys::connect_unix(path, SOCK_SEQPACKET);
  if (!socket) return sys::failure(kAction, socket.error().code());
  if (Status s = send_text(socket->get(), sys::kStateBefore, state_before_pid); !s) return s;
  if (Status s = send_text(socket->get(), sys::kStateAfter, state_after_pid); !s) return s;
  const char start = sys::kStart;
  if (Status s = sys::send_message(socket->get(), &start, sizeof start); !s)
    return sys::failure(kAction, s.error().code());
  std::string executing;
  for (;;) {
    const Result<std::optional<child::Report>> report = hear(socket->get());
    if (!report) return report.error();
    if (!report->has_value()) break;
    if ((*report)->kind == child::ReportKind::kExecuting) executing = (*report)->action;
    if ((*report)->kind == child::ReportKind::kNotExecuted) return explain_not_begun(**report, executing);
  }
  return executing.empty() ? Error(kAction, "its process was killed") : Status();
}

}  // namespace kelp::launch
