// SPDX-License-Identifier: Apache-2.0
// The signals that kelp passes on; see signals.h.
// Runs in: parent.
#include "launch/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <ctime>

#include "sys/failure.h"

namespace kelp::launch {
namespace {

// SIGPIPE and SIGXFSZ are about our own writing, SIGTTIN and SIGTTOU about our terminal. A fault of our own
// kills us even where its signal is blocked (signal(7)), so SIGSEGV and its like are read only if somebody
// sent them.
constexpr std::array kNotPassedOn = {SIGPIPE, SIGXFSZ, SIGTTIN, SIGTTOU, SIGKILL, SIGSTOP};

// By nohup(1), and by shells without job control for what runs in the background.
constexpr std::array kOftenIgnored = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

bool is_ignored(int number) {
  struct sigaction action{};
  return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

Result<sys::UniqueFd> watch_for(const sigset_t& wanted) {
  sys::UniqueFd fd(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return sys::failure("watch for signals");
  return fd;
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
  for (const int number : kOftenIgnored) {
    if (is_ignored(number)) sigdelset(&wanted, number);
  }
  return watch_for(wanted);
}

std::optional<Signal> next_signal(int signal_fd) {
  signalfd_siginfo info{};
  if (::read(signal_fd, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return std::nullopt;
  return Signal{.number = static_cast<int>(info.ssi_signo), .is_from_terminal = info.ssi_code == SI_KERNEL};
}

bool take_background_stop(int number) {
  if (number != SIGTTIN && number != SIGTTOU) return false;
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, number);
  constexpr timespec kAtOnce{.tv_sec = 0, .tv_nsec = 0};
  return ::sigtimedwait(&wanted, nullptr, &kAtOnce) == number;
}

bool ends_a_start(int number) {
  return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT ||
         number == SIGALRM || number == SIGXCPU || number == SIGABRT;
}

Result<sys::UniqueFd> watch_for_the_end() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (int number = 1; number < SIGRTMIN; ++number) {
    if (ends_a_start(number) && !is_ignored(number)) sigaddset(&wanted, number);
  }
  return watch_for(wanted);
}

void stop_ourselves(Stop which) {
  // A shell that saw only the rest of our group stop may have continued it by now; the SIGTSTP would undo
  // that.
  sigset_t waiting;
  if (::sigpending(&waiting) == 0 && sigismember(&waiting, SIGCONT) == 1) return;
  // Blocked until the mask changes below, where it stops us by its default action. SIGSTOP would stop us also
  // where no shell is left to continue us.
  ::kill(which == Stop::kWholeGroup ? 0 : ::getpid(), SIGTSTP);
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  ::sigprocmask(SIG_UNBLOCK, &stop, nullptr);
  ::sigprocmask(SIG_BLOCK, &stop, nullptr);
}

}  // namespace kelp::launch
