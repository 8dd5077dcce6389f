// SPDX-License-Identifier: Apache-2.0
// PID 1 of the container: the child itself, never exec'd and non-dumpable, so its memory belongs to the outer
// user namespace and nothing inside can look into it. It forwards signals, reaps orphans, tells the parent
// when the command stops or ends; its own end takes the whole pid namespace with it. Runs in: child.
#include <linux/capability.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <vector>

#include "base/text.h"
#include "child/context.h"
#include "sys/caps.h"
#include "sys/descriptors.h"
#include "sys/failure.h"
#include "sys/own_memory.h"
#include "sys/pipe.h"
#include "sys/process.h"

namespace kelp::child {
namespace {

// The command may be another user.
constexpr sys::CapabilityMask kMayKill = sys::CapabilityMask{1} << CAP_KILL;

// Signals that a terminal sends to a whole foreground group are forwarded to the command's group.
bool is_from_terminal(int number) {
  return number == SIGINT || number == SIGQUIT || number == SIGTSTP || number == SIGHUP ||
         number == SIGWINCH || number == SIGCONT;
}

class Reaper {
 public:
  Reaper(pid_t command, int status_fd)
      : command_(command), status_fd_(status_fd), leads_session_(::getsid(0) == ::getpid()) {}

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
    if (leads_session_) {
      ::kill(is_from_terminal(number) ? -command_ : command_, number);
    } else if (code != SI_KERNEL) {
      ::kill(command_, number);
    }
  }

  void reap() {
    for (;;) {
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, WNOHANG | WUNTRACED | __WALL);
      if (pid < 0 && errno == EINTR) continue;
      if (pid <= 0) return;
      if (pid != command_) continue;
      if (WIFSTOPPED(status)) {
        tell(StatusKind::kStopped, WSTOPSIG(status));
        continue;
      }
      tell(StatusKind::kEnded, status);
      ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
  }

  void tell(StatusKind kind, int value) const {
    const StatusMessage message{.kind = kind, .value = value};
    // Should the parent be gone, PDEATHSIG ends us.
    (void)sys::send_message(status_fd_, &message, sizeof message);
  }

  pid_t command_;
  int status_fd_;
  bool leads_session_;
};

Status limit_own_rights() {
  if (Status s = sys::set_no_new_privs(); !s) return s;
  if (Status s = sys::limit_bounding_set(0); !s) return s;
  return sys::set_capabilities({.permitted = kMayKill});
}

// Comes back only with an error.
Status reap_until_the_end(Context& context, pid_t command) {
  const int status_fd = context.channels.status.get();
  // Nothing of the start is left to this process but the status socket, and the terminal: it lives as long as
  // the container, whatever the command does with its own descriptors. The report pipe goes when PID 1 has
  // given up its rights too, so that its end says so, and until then an error can still be told.
  std::vector<int> open_fds = {status_fd, context.channels.report.get()};
  if (context.plan.has_terminal) open_fds.push_back(STDIN_FILENO);
  std::sort(open_fds.begin(), open_fds.end());
  sys::close_all_but(open_fds);
  if (Status s = limit_own_rights(); !s) {
    // The command must not run under a PID 1 that holds more than it should.
    ::kill(command, SIGKILL);
    return s;
  }
  context.channels.report.reset();
  Reaper(command, status_fd).run();
}

}  // namespace

Status perform(const plan::StartReaper& /*step*/, Context& context) {
  // Before the fork: the command may look at /proc/1/cmdline before PID 1 runs again.
  sys::forget_command_line();
  Result<pid_t> forked = sys::fork_process();
  if (!forked) return forked.error();
  if (*forked != 0) return reap_until_the_end(context, *forked);

  // A group of its own, in the foreground: with its parent in the same session but another group it is not
  // orphaned, and the kernel lets Ctrl-Z stop it. Without a session of our own the caller's shell decides.
  const bool is_own_session = ::getsid(0) == ::getppid();
  if (is_own_session && ::setpgid(0, 0) != 0) return sys::failure("make a process group for the command");
  if (context.plan.has_terminal) {
    // SIGTTOU is blocked, as all signals are until the exec.
    const pid_t group = ::getpid();
    if (::ioctl(STDIN_FILENO, TIOCSPGRP, &group) != 0)
      return sys::failure("bring the command to the foreground");
  }
  context.channels.status.reset();
  return {};
}

}  // namespace kelp::child
