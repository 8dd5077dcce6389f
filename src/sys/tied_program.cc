// SPDX-License-Identifier: Apache-2.0
// A program that ends with kelp; see tied_program.h.
// Runs in: both.
#include "sys/tied_program.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/text.h"
#include "sys/descriptors.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::sys {
namespace {

[[noreturn]] void give_up(const std::string& what) {
  const std::string text = cat(what, ": ", reason_of(errno), "\n");
  (void)write_all(STDERR_FILENO, text, "stderr");
  ::_exit(kExitNotExecutable);
}

// In the child. The descriptors that it gets are above 2: kelp has filled those.
[[noreturn]] void become(const TiedProgram& program, pid_t parent) {
  const std::array<int, 3> streams = {program.stdin_fd, program.stdout_fd, program.stderr_fd};
  for (int i = 0; i < 3; ++i) {
    if (::dup2(streams[static_cast<std::size_t>(i)], i) < 0) ::_exit(kExitCannotStart);
  }
  close_all_but({STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO});
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) give_up("be tied to kelp's life");
  if (::getppid() != parent) ::_exit(kExitCannotStart);  // it ended before
  reset_signal_actions();
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::setsid();
  if (::chdir("/") != 0) give_up("enter the directory /");
  std::vector<char*> arguments;
  arguments.reserve(program.argv.size() + 1);
  for (const std::string& argument : program.argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char* environment[] = {path, nullptr};
  ::execve(program.path.c_str(), arguments.data(), environment);
  give_up(cat("execute ", program.path));
}

}  // namespace

Result<Process> start_tied(const TiedProgram& program) {
  const pid_t self = ::getpid();
  const Result<pid_t> pid = fork_process();
  if (!pid) return pid.error();
  if (*pid == 0) become(program, self);
  return Process(*pid, UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0))));
}

}  // namespace kelp::sys
