// SPDX-License-Identifier: Apache-2.0
// The signals that kelp passes on; see signals.h.
// Runs in: parent.
#include "launch/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "sys/failure.h"

namespace kelp::launch {
namespace {

// Those that a fault of our own raises, and SIGPIPE, are ours alone; SIGTTIN and SIGTTOU are about our
// terminal.
constexpr std::array kNotPassedOn = {SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,  SIGTRAP, SIGSYS,
                                     SIGABRT, SIGPIPE, SIGTTIN, SIGTTOU, SIGKILL, SIGSTOP};

bool is_ignored(int number) {
  struct sigaction action{};
  return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

Result<sys::UniqueFd> take_signals() {
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  ::signal(SIGCHLD, SIG_DFL);
  sigset_t wanted;
  sigfillset(&wanted);
  for (const int number : kNotPassedOn) sigdelset(&wanted, number);
  for (int number = 1; number < NSIG; ++number) {
    if (number != SIGCHLD && sigismember(&wanted, number) == 1 && is_ignored(number))
      sigdelset(&wanted, number);
  }
  sys::UniqueFd fd(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return sys::failure("watch for signals");
  return fd;
}

int next_signal(int signal_fd) {
  signalfd_siginfo info{};
  if (::read(signal_fd, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return 0;
  return static_cast<int>(info.ssi_signo);
}

bool ends_a_start(int number) {
  return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT ||
         number == SIGALRM || number == SIGXCPU;
}

}  // namespace kelp::launch
