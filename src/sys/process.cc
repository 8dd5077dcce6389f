// SPDX-License-Identifier: Apache-2.0
// Processes as owned things; see process.h.
// Runs in: both.
#include "sys/process.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/pipe.h"

namespace kelp::sys {
namespace {

// kelp has no handlers; what the caller ignores must not be ignored by the command (nohup, background jobs,
// a parent in Python that ignores SIGPIPE). CLONE_CLEAR_SIGHAND would leave exactly those (clone(2)).
void reset_signal_actions() {
  for (int number = 1; number < NSIG; ++number) {
    if (number != SIGKILL && number != SIGSTOP) ::signal(number, SIG_DFL);
  }
}

}  // namespace

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  return *this;
}

Process::~Process() {
  if (pid_ < 0) return;
  signal(SIGKILL);
  while (::waitpid(pid_, nullptr, __WALL) < 0 && errno == EINTR) {
  }
}

void Process::signal(int number) const noexcept {
  // Not yet waited for, so the pid is still ours; no pidfd_send_signal, which old seccomp filters refuse.
  if (pid_ > 0) ::kill(pid_, number);
}

Result<Process::Ended> Process::wait() {
  Ended ended;
  while (::wait4(pid_, &ended.wait_status, __WALL, &ended.usage) < 0) {
    if (errno != EINTR) return failure(cat("wait for process ", pid_));
  }
  pid_ = -1;
  return ended;
}

NamespaceNumbers namespaces_in(const std::string& proc_directory) {
  NamespaceNumbers numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    struct stat info{};
    if (::stat(cat(proc_directory, "/ns/", kNamespaceFiles[i]).c_str(), &info) == 0) numbers[i] = info.st_ino;
  }
  return numbers;
}

Status tell_namespaces(int fd) {
  const NamespaceNumbers own = namespaces_in("/proc/self");
  const std::string_view bytes(reinterpret_cast<const char*>(own.data()), sizeof own);
  return write_all(fd, bytes, "the pipe of the namespaces");
}

Result<NamespaceNumbers> hear_namespaces(int fd) {
  NamespaceNumbers numbers{};
  const Result<std::string> bytes = read_all(fd, sizeof numbers, "the pipe of the namespaces");
  if (!bytes) return bytes.error();
  if (bytes->size() != sizeof numbers) return failure("hear of the container's namespaces", EPIPE);
  std::memcpy(numbers.data(), bytes->data(), sizeof numbers);
  return numbers;
}

Status hide_if_root() {
  if (::geteuid() != 0) return {};
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failure("become non-dumpable");
  return {};
}

Result<Cloned> clone_process(std::uint64_t flags, int cgroup_fd) {
  int pidfd = -1;
  clone_args args{};
  args.flags = flags | CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  if (cgroup_fd >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<std::uint64_t>(cgroup_fd);
  }
  long pid = ::syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0 && cgroup_fd < 0 && (errno == ENOSYS || errno == EPERM)) {
    // Outer seccomp filters hide clone3, whose flags they cannot see; the older call takes the same flags but
    // CLONE_NEWTIME, which kelp unshares later anyway.
    pid = ::syscall(SYS_clone, (flags | CLONE_PIDFD | SIGCHLD), nullptr, &pidfd, nullptr, nullptr);
  }
  if (pid == 0) reset_signal_actions();
  if (pid < 0) return failure("make the container's namespaces");
  return Cloned{.pid = static_cast<pid_t>(pid), .pidfd = UniqueFd(pid == 0 ? -1 : pidfd)};
}

namespace {

// Which process it is that speaks first on the socket, in the numbers of this process's namespace.
Result<pid_t> process_that_speaks(int socket_fd) {
  char word = 0;
  iovec data{.iov_base = &word, .iov_len = sizeof word};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size = -1;
  do {
    size = ::recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size < 0) return failure("hear of the container's process");
  const cmsghdr* head = CMSG_FIRSTHDR(&message);
  if (size == 0 || head == nullptr || head->cmsg_type != SCM_CREDENTIALS)
    return failure("make the container's namespaces", EINVAL);
  ucred who{};
  std::memcpy(&who, CMSG_DATA(head), sizeof who);
  return who.pid;
}

// What the process in between failed at.
enum Stage : int { kClone = 0, kEnterUser, kEnterPid };
struct StageFailed {
  int stage = kClone;
  int code = 0;
};

bool is_below(const JoinedNamespaces& joined, std::uint64_t flags) {
  return joined.pid_fd >= 0 && (flags & CLONE_NEWPID) != 0;
}

void speak(int socket_fd) {
  if (::write(socket_fd, "h", 1) != 1) ::_exit(1);
}

// Runs in the process in between; comes back in the child only.
void clone_from_between(const JoinedNamespaces& joined, std::uint64_t flags, int socket_fd) {
  const auto fail = [&](Stage stage) {
    const StageFailed failed{.stage = stage, .code = errno};
    [[maybe_unused]] const ssize_t written = ::write(socket_fd, &failed, sizeof failed);
    ::_exit(1);
  };
  // Not for a moment may who is in these namespaces already look into a process that still has the host's
  // files. The child stays so.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) fail(kClone);
  if (joined.user_fd >= 0 && ::setns(joined.user_fd, CLONE_NEWUSER) != 0) fail(kEnterUser);
  if (joined.pid_fd >= 0 && ::setns(joined.pid_fd, CLONE_NEWPID) != 0) fail(kEnterPid);
  if (is_below(joined, flags)) {
    // Only who was born in a pid namespace may make one below it (copy_pid_ns() in kernel/pid_namespace.c).
    const long born = ::syscall(SYS_clone, CLONE_PARENT, nullptr, nullptr, nullptr, nullptr);
    if (born < 0) fail(kClone);
    if (born > 0) ::_exit(0);
    speak(socket_fd);
  }
  const long pid = ::syscall(SYS_clone, flags | CLONE_PARENT, nullptr, nullptr, nullptr, nullptr);
  if (pid < 0) fail(kClone);
  if (pid > 0) ::_exit(0);
}

// Waits for it.
bool ends_well(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Error explain_between(const JoinedNamespaces& joined, int socket_fd) {
  StageFailed failed{.stage = kClone, .code = EINTR};
  ssize_t size = -1;
  do {
    size = ::recv(socket_fd, &failed, sizeof failed, MSG_DONTWAIT);
  } while (size < 0 && errno == EINTR);
  if (size != static_cast<ssize_t>(sizeof failed)) failed = {.stage = kClone, .code = EINTR};
  if (failed.stage == kEnterUser) {
    return failure(cat("enter the user namespace of descriptor ", joined.user_fd), failed.code)
        .with_part(FailedPart::kIds, "join");
  }
  if (failed.stage == kEnterPid) {
    return failure(cat("enter the pid namespace of descriptor ", joined.pid_fd), failed.code)
        .with_part(FailedPart::kNamespaces, "pid");
  }
  return failure("make the container's namespaces", failed.code);
}

}  // namespace

Result<Cloned> clone_process_in(const JoinedNamespaces& joined, std::uint64_t flags) {
  Result<SocketPair> sockets = make_socket_pair();
  if (!sockets) return sockets.error();
  const int yes = 1;
  if (::setsockopt(sockets->ours.get(), SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0)
    return failure("hear of the container's process");
  const Result<pid_t> between = fork_process();
  if (!between) return between.error();
  if (*between == 0) {
    clone_from_between(joined, flags, sockets->theirs.get());
    reset_signal_actions();
    speak(sockets->theirs.get());
    return Cloned{};
  }
  sockets->theirs.reset();
  if (!ends_well(*between)) return explain_between(joined, sockets->ours.get());
  if (is_below(joined, flags)) {
    const Result<pid_t> second = process_that_speaks(sockets->ours.get());
    if (!second) return second.error();
    if (!ends_well(*second)) return explain_between(joined, sockets->ours.get());
  }
  const Result<pid_t> child = process_that_speaks(sockets->ours.get());
  if (!child) return child.error();
  return Cloned{.pid = *child, .pidfd = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, *child, 0)))};
}

Result<pid_t> fork_process() {
  const pid_t pid = ::fork();
  if (pid < 0) return failure("start a process");
  return pid;
}

Result<Process> start_program(const std::vector<std::string>& argv, int output_fd) {
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char* environment[] = {path, nullptr};

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output_fd, STDERR_FILENO);
  // The caller of kelp may have blocked or ignored signals; the helper must not inherit that, nor our mask.
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int code = ::posix_spawn(&pid, argv[0].c_str(), &actions, &attributes, arguments.data(), environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return failure(cat("start ", argv[0]), code);
  return Process(pid, UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))));
}

bool has_ended(int pidfd) noexcept {
  pollfd entry{.fd = pidfd, .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, 0) == 1;
}

}  // namespace kelp::sys
