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
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::sys {
void reset_signal_actions() {
  for (int number = 1; number < NSIG; ++number) {
    if (number != SIGKILL && number != SIGSTOP) ::signal(number, SIG_DFL);
  }
}

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

bool is_root() { return ::geteuid() == 0; }

Status hide_if_root() {
  if (!is_root()) return {};
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
