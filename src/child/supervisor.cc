// SPDX-License-Identifier: Apache-2.0
// The process that keeps what is pretended of files: a child of PID 1, not of the command, which must not
// find it when it waits. It was never executed, so its memory belongs to the outer user namespace and nobody
// inside can trace it, whatever rights he has; and it is under all that the command is under, but for the
// filters, of which it has a stricter one of its own. Runs in: child (which goes on), and the supervisor.
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "child/context.h"
#include "owners/supervise.h"
#include "sys/caps.h"
#include "sys/descriptors.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/pipe.h"
#include "sys/process.h"
#include "sys/seccomp.h"

namespace kelp::child {
namespace {

constexpr std::string_view kAction = "start the supervisor of root emulation";
constexpr std::size_t kMaxWords = 512;

// The proc of this pid namespace, whatever ROOT has at that path.
Result<sys::UniqueFd> open_own_proc() {
  Result<sys::UniqueFd> proc = sys::open_file("/proc", O_PATH | O_DIRECTORY);
  if (!proc) return std::move(proc.error()).after(std::string(kAction));
  struct statfs info{};
  if (::fstatfs(proc->get(), &info) != 0 || info.f_type != PROC_SUPER_MAGIC)
    return Error(std::string(kAction), "what is on /proc is no proc");
  const Result<std::string> self = sys::read_link(proc->get(), "self");
  if (!self || *self != std::to_string(::getpid()))
    return Error(std::string(kAction), "the proc on /proc shows other processes than the container's");
  return proc;
}

// Without it no path could be looked up safely (openat2 is there since 5.6).
Status prove_openat2() {
  const open_how how{.flags = O_PATH | O_CLOEXEC, .mode = 0, .resolve = RESOLVE_NO_MAGICLINKS};
  const sys::UniqueFd fd(static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof how)));
  return fd.valid() ? Status() : sys::failure(cat(kAction, ", which needs openat2"));
}

Result<sys::Received> wait_for_message(int socket_fd, void* bytes, std::size_t size) {
  pollfd entry{.fd = socket_fd, .events = POLLIN, .revents = 0};
  while (::poll(&entry, 1, -1) < 0) {
    if (errno != EINTR) return sys::failure("wait for the other half of kelp");
  }
  return sys::receive_message(socket_fd, bytes, size);
}

// ---- the supervisor's side

// All of them: sigfillset(3) spares two that the C library has for its threads.
Status block_signals() {
  const std::uint64_t all = ~std::uint64_t{0};
  if (::syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, nullptr, sizeof all) != 0)
    return sys::failure("block signals");
  return {};
}

Status take_its_place(const plan::StartSupervisor& step, int socket_fd, int owners_fd, int proc_fd) {
  // A signal to the command's group, or its terminal, is not for it.
  if (::setsid() < 0) return sys::failure("make a session for the supervisor");
  if (Status s = block_signals(); !s) return s;
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return sys::failure("become non-dumpable");
  (void)::prctl(PR_SET_NAME, "kelp-fakeroot");
  if (::fchdir(proc_fd) != 0) return sys::failure("enter proc");
  ::umask(0);
  if (Status s = sys::set_capabilities({.permitted = step.rights}); !s) return s;
  std::vector<int> kept = {socket_fd};
  if (owners_fd >= 0) kept.push_back(owners_fd);
  std::sort(kept.begin(), kept.end());
  sys::close_all_but(kept);
  return sys::install_filter(step.own.code.data(), step.own.code.size(), step.own.flags);
}

// A full stop says that all is well; anything else is the sentence.
[[noreturn]] void be_supervisor(const plan::StartSupervisor& step, sys::UniqueFd socket, sys::UniqueFd owners,
                                int proc_fd) {
  const Status done = take_its_place(step, socket.get(), owners.get(), proc_fd);
  const std::string words =
      done ? "." : cat(done.error().action(), ": ", done.error().reason()).substr(0, kMaxWords);
  if (!sys::send_message(socket.get(), words.data(), words.size()) || !done) ::_exit(kExitCannotStart);
  char byte = 0;
  Result<sys::Received> received = wait_for_message(socket.get(), &byte, 1);
  // The command's side has failed, and tells why.
  if (!received || !received->fd.valid()) ::_exit(kExitCannotStart);
  socket.reset();
  owners::supervise(std::move(received->fd), owners::Memory(owners::Table(std::move(owners))));
}

// ---- the command's side

// Of a child that ends at once, so that PID 1 inherits it.
Status start_orphan(const plan::StartSupervisor& step, sys::SocketPair& sockets, sys::UniqueFd owners,
                    int proc_fd) {
  const Result<pid_t> between = sys::fork_process();
  if (!between) return between.error();
  if (*between == 0) {
    const Result<pid_t> supervisor = sys::fork_process();
    if (!supervisor) ::_exit(kExitCannotStart);
    if (*supervisor != 0) ::_exit(0);
    sockets.ours.reset();
    be_supervisor(step, std::move(sockets.theirs), std::move(owners), proc_fd);
  }
  sockets.theirs.reset();
  int status = 0;
  while (::waitpid(*between, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error(std::string(kAction), "no process can be started");
  return {};
}

Status hear_that_it_stands(int socket_fd) {
  std::array<char, kMaxWords> words;
  const Result<sys::Received> received = wait_for_message(socket_fd, words.data(), words.size());
  if (!received) return received.error();
  const std::string said(words.data(), received->size);
  if (said == ".") return {};
  return Error(std::string(kAction), said.empty() ? "it was ended" : said);
}

}  // namespace

Status perform(const plan::StartSupervisor& step, Context& context) {
  if (Status s = prove_openat2(); !s) return s;
  const Result<sys::UniqueFd> proc = open_own_proc();
  if (!proc) return proc.error();
  Result<sys::SocketPair> sockets = sys::make_socket_pair();
  if (!sockets) return sockets.error();
  if (Status s = start_orphan(step, *sockets, std::move(context.channels.owners), proc->get()); !s) return s;
  if (Status s = hear_that_it_stands(sockets->ours.get()); !s) return s;
  // Before all other filters of the command, which need not allow what follows.
  const Result<sys::UniqueFd> listener = sys::install_notifying_filter(
      step.notifying.code.data(), step.notifying.code.size(), SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
  if (!listener) return listener.error();
  return sys::send_message(sockets->ours.get(), "l", 1, listener->get());
}

}  // namespace kelp::child
