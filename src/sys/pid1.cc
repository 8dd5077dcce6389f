// SPDX-License-Identifier: Apache-2.0
// The loop of PID 1; see pid1.h.
// Runs in: child.
#include "sys/pid1.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "sys/status_message.h"

namespace kelp::sys {
namespace {

class Reaper {
 public:
  Reaper(pid_t command, int status_fd, Stay stay)
      : command_(command), status_fd_(status_fd), stay_(stay), leads_session_(::getsid(0) == ::getpid()) {}

  [[noreturn]] void run() {
    sigset_t all;
    sigfillset(&all);
    for (;;) {
      siginfo_t info{};
      const int number = ::sigwaitinfo(&all, &info);
      if (number < 0) continue;
      if (number == SIGCHLD) {
        reap();
      } else {
        pass_on(number, info.si_code);
      }
    }
  }

 private:
  // In the caller's session the command is in the caller's group too, which has got a terminal's signal.
  void pass_on(int number, int code) const {
    if (command_ < 0) return;  // the number may be another process by now
    if (leads_session_) {
      ::kill(is_for_groups(number) ? -command_ : command_, number);
    } else if (code != SI_KERNEL) {
      ::kill(command_, number);
    }
  }

  void reap() {
    for (;;) {
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, WNOHANG | WUNTRACED | __WALL);
      if (pid < 0 && errno == EINTR) continue;
      if (pid < 0 && command_ < 0) ::_exit(ended_as_);  // nobody is left
      if (pid <= 0) return;
      if (pid != command_) continue;
      if (WIFSTOPPED(status)) {
        tell(StatusKind::kStopped, WSTOPSIG(status));
        continue;
      }
      tell(StatusKind::kEnded, status);
      ended_as_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      if (stay_ == Stay::kForCommand) ::_exit(ended_as_);
      command_ = -1;
    }
  }

  void tell(StatusKind kind, int value) const {
    StatusMessage message{.kind = kind, .value = value};
    iovec data{.iov_base = &message, .iov_len = sizeof message};
    msghdr header{};
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    // Should the parent be gone, PDEATHSIG ends us.
    while (::sendmsg(status_fd_, &header, MSG_NOSIGNAL) < 0 && errno == EINTR) {
    }
  }

  pid_t command_;
  int status_fd_;
  Stay stay_;
  int ended_as_ = 0;
  bool leads_session_;
};

}  // namespace

void reap_until_the_end(pid_t command, int status_fd, Stay stay) { Reaper(command, status_fd, stay).run(); }

}  // namespace kelp::sys
