// SPDX-License-Identifier: Apache-2.0
// From here on there are two processes: PID 1, and the command's, which goes on with the steps. PID 1 is the
// child itself, never exec'd and non-dumpable, so its memory belongs to the outer user namespace and nobody
// can look into it, from outside neither; or it becomes the embedded init. Its end takes the whole pid
// namespace with it. Runs in: child.
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <vector>

#include "base/text.h"
#include "child/context.h"
#include "child/embedded.h"
#include "sys/caps.h"
#include "sys/descriptors.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/own_memory.h"
#include "sys/pid1.h"
#include "sys/pipe.h"
#include "sys/process.h"

namespace kelp::child {
namespace {

// The command may be another user.
constexpr sys::CapabilityMask kMayKill = sys::CapabilityMask{1} << CAP_KILL;
constexpr sys::CapabilityMask kSetpcap = sys::CapabilityMask{1} << CAP_SETPCAP;

// What the embedded init takes, where there is one.
struct Init {
  sys::UniqueFd program;
  sys::Pipe ready;
};

Result<Init> make_init() {
  Result<sys::UniqueFd> program = open_embedded(Embedded::kInit);
  if (!program) return program.error();
  Result<sys::Pipe> ready = sys::make_pipe();
  if (!ready) return ready.error();
  return Init{.program = std::move(*program), .ready = std::move(*ready)};
}

// Not proven: root emulation around kelp lets this process keep its set, and it executes nothing, and nothing
// inside may look into it.
Status limit_own_rights() {
  if (Status s = sys::set_no_new_privs(); !s) return s;
  if (Status s = sys::limit_bounding_set(0); !s) return s;
  return sys::set_capabilities({.permitted = kMayKill});
}

// An exec gives root what the bounding set holds, which is nothing then, and what is inheritable; others what
// is ambient. Nothing becomes inheritable that has left the bounding set (capabilities(7)).
Status limit_rights_over_exec() {
  if (Status s = sys::set_no_new_privs(); !s) return s;
  sys::CapabilitySets sets{.permitted = kMayKill | kSetpcap, .inheritable = kMayKill, .ambient = kMayKill};
  if (Status s = sys::set_capabilities(sets); !s) return s;
  if (Status s = sys::limit_bounding_set(0); !s) return s;
  sets.permitted = kMayKill;
  return sys::set_capabilities(sets);
}

// Nothing of the start is left to this process but the status socket, and the terminal: it lives as long as
// the container, whatever the command does with its own descriptors. The report pipe goes when PID 1 has
// given up its rights too, so that its end says so, and until then an error can still be told.
using Locks = std::vector<sys::UniqueFd>;
void close_all_but_ours(const Context& context, const plan::StartReaper& step, const Init& init,
                        const Locks& locks) {
  std::vector<int> open_fds = {context.channels.status.get(), context.channels.report.get()};
  if (context.plan.has_terminal) open_fds.push_back(STDIN_FILENO);
  for (const int fd : {init.program.get(), init.ready.write_end.get()}) {
    if (fd >= 0) open_fds.push_back(fd);
  }
  for (const sys::UniqueFd& lock : locks) open_fds.push_back(lock.get());
  if (step.held_fd > STDERR_FILENO) open_fds.push_back(step.held_fd);
  std::sort(open_fds.begin(), open_fds.end());
  sys::close_all_but(open_fds);
}

// Comes back only with an error.
Status go_on_as_pid1(Context& context, const plan::StartReaper& step, const Init& init, const Locks& locks,
                     pid_t command) {
  close_all_but_ours(context, step, init, locks);
  const int status_fd = context.channels.status.get();
  const bool is_executed = init.program.valid();
  Status limited = is_executed ? limit_rights_over_exec() : limit_own_rights();
  if (limited && is_executed) {
    limited = execute_init(
        init.program, {.command = command, .status_fd = status_fd, .ready_fd = init.ready.write_end.get()});
  }
  if (!limited) {
    // The command must not run under a PID 1 that holds more than it should.
    ::kill(command, SIGKILL);
    return limited;
  }
  context.channels.report.reset();
  sys::reap_until_the_end(command, status_fd,
                          step.until_empty ? sys::Stay::kUntilEmpty : sys::Stay::kForCommand);
}

// A lock of fcntl(2) is the process's own, so that the command does not share it.
Result<Locks> take_locks(const plan::StartReaper& step) {
  Locks locks;
  for (const std::string& path : step.lock_files) {
    // After the pivot "/" is the new root; O_NONBLOCK so that a FIFO cannot hold us.
    Result<sys::UniqueFd> file = sys::open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file)
      return sys::failure(cat("open the lock file ", path), file.error().code())
          .with_part(FailedPart::kLock, path);
    flock lock{};
    lock.l_type = F_RDLCK;
    lock.l_whence = SEEK_SET;
    if (::fcntl(file->get(), F_SETLK, &lock) != 0)
      return sys::failure(cat("lock ", path)).with_part(FailedPart::kLock, path);
    locks.push_back(std::move(*file));
  }
  return locks;
}

// Until the init has made itself non-dumpable, a command that is root could trace it.
void wait_for_init(Init init) {
  if (!init.ready.read_end.valid()) return;
  init.ready.write_end.reset();
  char byte = 0;
  ssize_t count = 0;
  while ((count = ::read(init.ready.read_end.get(), &byte, 1)) < 0 && errno == EINTR) {
  }
  // PID 1 has told why, or was killed; the kernel is about to end us too.
  if (count != 1) ::_exit(kExitCannotStart);
}

}  // namespace

Status perform(const plan::StartReaper& step, Context& context) {
  // Before the fork: the command may look at /proc/1/cmdline before PID 1 runs again.
  sys::forget_command_line();
  const Result<Locks> locks = take_locks(step);
  if (!locks) return locks.error();
  Init init;
  if (step.is_enterable) {
    Result<Init> made = make_init();
    if (!made) return made.error();
    init = std::move(*made);
  }
  Result<pid_t> forked = sys::fork_process();
  if (!forked) return forked.error();
  if (*forked != 0) return go_on_as_pid1(context, step, init, *locks, *forked);

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
  wait_for_init(std::move(init));
  return {};
}

}  // namespace kelp::child
