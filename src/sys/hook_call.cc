// SPDX-License-Identifier: Apache-2.0
// See hook_call.h. Raw system calls, as helpers/exec has no others.
// Runs in: both.
#include "sys/hook_call.h"

#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>

namespace kelp::sys {
namespace {

constexpr long kSignalSetSize = 8;  // the kernel's sigset_t
constexpr int kExitNotStarted = 127;

int memory_file(const char* name) {
  const long flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  return static_cast<int>(::syscall(SYS_memfd_create, name, flags));
}

// A file and no pipe: a hook that does not read keeps nobody waiting.
int file_of(const HookCall& call) {
  const int fd = memory_file("state");
  if (fd < 0) return fd;
  for (int i = 0; i < call.parts; ++i) {
    const auto* at = static_cast<const char*>(call.text[i].iov_base);
    std::size_t left = call.text[i].iov_len;
    while (left > 0) {
      const long count = ::syscall(SYS_write, static_cast<long>(fd), at, static_cast<long>(left));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return -1;  // the memory is used up; the caller is about to fail
      at += count;
      left -= static_cast<std::size_t>(count);
    }
  }
  if (::syscall(SYS_lseek, static_cast<long>(fd), 0L, static_cast<long>(SEEK_SET)) != 0) return -1;
  return fd;
}

struct Fds {
  int text = -1;
  int said = -1;
  int told[2] = {-1, -1};  // the errno of an exec that failed; closed by one that did not
};

[[noreturn]] void become(const HookCall& call, const Fds& fds) {
  ::syscall(SYS_setpgid, 0L, 0L);  // its end by us is that of its group
  const unsigned long none = 0;
  ::syscall(SYS_rt_sigprocmask, static_cast<long>(SIG_SETMASK), &none, 0L, kSignalSetSize);
  constexpr int kTold = 3;
  constexpr long kLast = 0xFFFFFFFFL;
  // Each number may be one of the others' by now: first out of the way.
  const int text = ::fcntl(fds.text, F_DUPFD_CLOEXEC, 8);
  const int said = ::fcntl(fds.said, F_DUPFD_CLOEXEC, 8);
  const int told = ::fcntl(fds.told[1], F_DUPFD_CLOEXEC, 8);
  const auto put = [](int from, int to, int flags) {
    return ::syscall(SYS_dup3, static_cast<long>(from), static_cast<long>(to), static_cast<long>(flags)) >= 0;
  };
  const bool is_ready = put(text, 0, 0) && put(said, 1, 0) && put(said, 2, 0) && put(told, kTold, O_CLOEXEC);
  if (is_ready) {
    // Before 5.9 there is no such call: what the start itself holds is close-on-exec anyway.
    ::syscall(SYS_close_range, kTold + 1L, kLast, 0L);
    ::execve(call.path, call.argv, call.environment);
  }
  const int code = errno;
  const long told_fd = is_ready ? kTold : fds.told[1];
  ::syscall(SYS_write, told_fd, &code, static_cast<long>(sizeof code));
  for (;;) ::_exit(kExitNotStarted);
}

// False: it is still running.
bool ends_within(int pidfd, unsigned timeout_s) {
  pollfd entry{.fd = pidfd, .events = POLLIN, .revents = 0};
  timespec left{.tv_sec = static_cast<time_t>(timeout_s), .tv_nsec = 0};
  for (;;) {
    // The kernel takes what has gone by off `left`.
    const long count = ::syscall(SYS_ppoll, &entry, 1L, timeout_s == 0 ? nullptr : &left, nullptr, 0L);
    if (count < 0 && errno == EINTR) continue;
    return count != 0;
  }
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

HookResult end_of(int status) {
  if (WIFSIGNALED(status)) return {.end = HookEnd::kKilled, .value = WTERMSIG(status)};
  if (WEXITSTATUS(status) != 0) return {.end = HookEnd::kExited, .value = WEXITSTATUS(status)};
  return {};
}

void close_end(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

HookResult run_with(const HookCall& call, Fds& fds) {
  int pidfd = -1;
  const long flags = CLONE_PIDFD | SIGCHLD;
  const long pid = ::syscall(SYS_clone, flags, 0L, &pidfd, 0L, 0L);
  if (pid == 0) become(call, fds);
  if (pid < 0) return {.end = HookEnd::kNotStarted, .value = errno};
  close_end(fds.told[1]);
  int code = 0;
  long count = -1;
  do {
    count = ::syscall(SYS_read, static_cast<long>(fds.told[0]), &code, static_cast<long>(sizeof code));
  } while (count < 0 && errno == EINTR);
  const bool is_in_time = ends_within(pidfd, call.timeout_s);
  // With what it has started, as far as that has stayed with it.
  if (!is_in_time) ::kill(-static_cast<pid_t>(pid), SIGKILL);
  HookResult result = end_of(wait_for(static_cast<pid_t>(pid)));
  if (count == static_cast<long>(sizeof code)) result = {.end = HookEnd::kNotStarted, .value = code};
  if (!is_in_time) result = {.end = HookEnd::kTooLong, .value = static_cast<int>(call.timeout_s)};
  ::close(pidfd);
  return result;
}

}  // namespace

HookResult run_hook(const HookCall& call) {
  Fds fds{.text = file_of(call), .said = memory_file("said")};
  HookResult result{.end = HookEnd::kNotStarted, .value = 0};
  if (fds.text < 0 || fds.said < 0 || ::syscall(SYS_pipe2, fds.told, static_cast<long>(O_CLOEXEC)) != 0) {
    result.value = errno;
  } else {
    result = run_with(call, fds);
  }
  close_end(fds.told[0]);
  close_end(fds.told[1]);
  close_end(fds.text);
  if (fds.said < 0) return result;
  ::fcntl(fds.said, F_ADD_SEALS, F_SEAL_GROW);
  ::syscall(SYS_lseek, static_cast<long>(fds.said), 0L, static_cast<long>(SEEK_SET));
  result.said_fd = fds.said;
  return result;
}

}  // namespace kelp::sys
