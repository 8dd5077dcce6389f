// SPDX-License-Identifier: Apache-2.0
// User namespaces after the first: one that exists already, and the last one that can be made.
// Runs in: child.
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/pipe.h"
#include "sys/process.h"

namespace kelp::child {
namespace {

Status write_own(const Context& context, const char* name, const std::string& text) {
  Result<sys::UniqueFd> file = sys::open_at(context.own_proc.get(), name, O_WRONLY);
  if (!file) return file.error();
  return sys::write_all(file->get(), text, name);
}

Status write_own_maps(const Context& context, uid_t user, gid_t group) {
  if (Status s = write_own(context, "setgroups", "deny"); !s && s.error().code() != ENOENT) return s;
  if (Status s = write_own(context, "uid_map", cat(user, " ", user, " 1\n")); !s) return s;
  return write_own(context, "gid_map", cat(group, " ", group, " 1\n"));
}

// The files of a non-dumpable process belong to the root of the user namespace that kelp was started in: to
// us, where we are hidden, for only that root can join another pid namespace (setns(2)). Nobody looks in
// meanwhile: in a new one nothing runs yet, and in the caller's nobody else has a right over what is ours.
Status enter(int namespaces, const Context& context) {
  const bool locks = (namespaces & CLONE_NEWNS) != 0;
  if (::unshare(namespaces) != 0)
    return sys::failure(locks ? "lock the mounts in an inner user namespace" : "make an inner user namespace")
        .with_part(FailedPart::kInnerNamespaces, "");
  if (!context.is_hidden && ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0)
    return sys::failure("become dumpable for the id map");
  return {};
}

Status enter_with_own_id(int namespaces, const Context& context) {
  const uid_t user = ::getuid();
  const gid_t group = ::getgid();
  if (Status s = enter(namespaces, context); !s) return s;
  Status written = write_own_maps(context, user, group);
  if (!written) return std::move(written.error()).after("giving the inner user namespace its id");
  return {};
}

// A process that waits for the new user namespace and gives it its ids.
struct Writer {
  pid_t pid = -1;
  sys::UniqueFd go;
};

[[noreturn]] void write_maps(const plan::LockMounts& step, const Context& context, int go_fd) {
  char go = 0;
  ssize_t count = 0;
  while ((count = ::read(go_fd, &go, 1)) < 0 && errno == EINTR) {
  }
  if (count != 1) ::_exit(0);  // there is none
  Status written = write_own(context, "uid_map", plan::text_of(step.users));
  if (written) written = write_own(context, "gid_map", plan::text_of(step.groups));
  ::_exit(written ? 0 : std::max(written.error().code(), 1));
}

// As fork(2), but in a new pid namespace the number 2 stays for the command; where clone3 is filtered around
// kelp, the kernel is told to begin with it again, as this process has ended by then. It is a nicety, which a
// read-only /proc/sys may forbid.
Result<pid_t> fork_aside(const Context& context) {
  constexpr pid_t kFarOff = 299;  // below every limit of pids
  const pid_t wanted = kFarOff;
  clone_args args{};
  args.exit_signal = SIGCHLD;
  args.set_tid = reinterpret_cast<std::uintptr_t>(&wanted);
  args.set_tid_size = 1;
  if (::getpid() == 1) {
    const auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof args));
    if (pid >= 0) return pid;
    if (errno != ENOSYS && errno != EPERM)
      return sys::failure("start a process that writes the id maps");  // those two: filtered around kelp
  }
  Result<pid_t> pid = sys::fork_process();
  if (pid && *pid > 0 && ::getpid() == 1) (void)write_own(context, "../sys/kernel/ns_last_pid", "1");
  return pid;
}

Result<Writer> start_writer(const plan::LockMounts& step, const Context& context) {
  Result<sys::Pipe> pipe = sys::make_pipe();
  if (!pipe) return pipe.error();
  const Result<pid_t> forked = fork_aside(context);
  if (!forked) return forked.error();
  if (*forked == 0) {
    pipe->write_end.reset();
    write_maps(step, context, pipe->read_end.get());
  }
  return Writer{.pid = *forked, .go = std::move(pipe->write_end)};
}

Status finish_writer(Writer& writer, bool has_work) {
  if (has_work) {
    if (Status s = sys::write_all(writer.go.get(), "g", "the pipe to who writes the id maps"); !s) return s;
  }
  writer.go.reset();
  int status = 0;
  while (::waitpid(writer.pid, &status, 0) < 0) {
    if (errno != EINTR) return sys::failure("wait for the id maps of the locked mounts");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return sys::failure("give the locked mounts' user namespace its ids",
                      WIFEXITED(status) ? WEXITSTATUS(status) : EIO);
}

// Only who stays in the namespace around the new one may write more than one id (user_namespaces(7)).
Status enter_with_ids(const plan::LockMounts& step, const Context& context) {
  Result<Writer> writer = start_writer(step, context);
  if (!writer) return writer.error();
  const Status entered = enter(CLONE_NEWUSER | CLONE_NEWNS, context);
  const Status written = finish_writer(*writer, entered.has_value());
  return entered ? written : entered;
}

}  // namespace

Status perform(const plan::KeepOwnProc& step, Context& context) {
  if (step.frees_ports) {
    const Status freed = sys::write_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
    // It protects nothing, and a /proc/sys around kelp may be read-only.
    if (!freed && freed.error().code() != EROFS && freed.error().code() != EACCES &&
        freed.error().code() != EPERM && freed.error().code() != ENOENT)
      return freed;
  }
  Result<sys::UniqueFd> own = sys::open_file("/proc/self", O_PATH | O_DIRECTORY);
  if (!own) return own.error();
  context.own_proc = std::move(*own);
  return {};
}

Status perform(const plan::LimitUserNamespaces& /*step*/, Context& /*context*/) {
  return sys::write_file("/proc/sys/user/max_user_namespaces", "1");
}

Status perform(const plan::EnterInnerNamespace& /*step*/, Context& context) {
  if (Status s = enter_with_own_id(CLONE_NEWUSER, context); !s) return s;
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return sys::failure("become non-dumpable again");
  context.own_proc.reset();
  return {};
}

Status perform(const plan::LockMounts& step, Context& context) {
  if (Status s = step.is_single ? enter_with_own_id(CLONE_NEWUSER | CLONE_NEWNS, context)
                                : enter_with_ids(step, context);
      !s)
    return s;
  // The limit of the namespace around this one holds, but who looks at this one's would not know.
  if (step.forbids_cgroup_namespaces) {
    if (Status s = write_own(context, "../sys/user/max_cgroup_namespaces", "0"); !s) return s;
  }
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return sys::failure("become non-dumpable again");
  context.own_proc.reset();
  // What is open leads to the mounts that were copied, and those have come apart by now.
  Result<sys::UniqueFd> root = sys::open_file("/", O_PATH | O_DIRECTORY);
  if (!root) return root.error();
  context.root = std::move(*root);
  return {};
}

// In a process of its own: where it works there is no way back.
Status perform(const plan::ProveNoUserNamespaces& /*step*/, Context& /*context*/) {
  Result<pid_t> forked = sys::fork_process();
  if (!forked) return forked.error();
  if (*forked == 0) ::_exit(::unshare(CLONE_NEWUSER) == 0 ? 1 : 0);
  int status = 0;
  while (::waitpid(*forked, &status, 0) < 0) {
    if (errno != EINTR) return sys::failure("wait for the trial of a user namespace");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Error("forbid user namespaces inside", "one could still be made")
      .with_part(FailedPart::kInnerNamespaces, "");
}

Status perform(const plan::JoinUserNamespace& step, Context& context) {
  if (::setns(step.fd, CLONE_NEWUSER) != 0)
    return sys::failure(cat("enter the user namespace of descriptor ", step.fd))
        .with_part(FailedPart::kInnerNamespaces, "");
  return tie_to_parent(context);
}

}  // namespace kelp::child
