// SPDX-License-Identifier: Apache-2.0
// posix_spawn (a vfork in the C library: its cost does not depend on the size of the bench) and wait4. Each
// descriptor of the bench is close-on-exec; what was said on stderr goes to one memory file, emptied before a
// start.
#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "interrupt.h"

namespace kelp::bench {
namespace {

constexpr unsigned kHangSeconds = 120;

double now_ms() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

int null_fd() {
  static const int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  return fd;
}

int errors_fd() {
  static const int fd = memfd_create("stderr", MFD_CLOEXEC);
  return fd;
}

void empty_errors() {
  if (ftruncate(errors_fd(), 0) != 0 || lseek(errors_fd(), 0, SEEK_SET) != 0)
    throw Failure("cannot empty the memory file for stderr");
}

std::string read_errors() {
  std::string text;
  char part[4096];
  for (off_t at = 0;;) {
    const ssize_t got = pread(errors_fd(), part, sizeof part, at);
    if (got <= 0) return text;
    text.append(part, static_cast<std::size_t>(got));
    at += got;
  }
}

std::vector<char*> pointers(const Words& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

struct Streams {
  int in_fd;
  int out_fd;
  int error_fd;
};

// What one start needs, laid out before the clock runs.
class Start {
 public:
  Start(const Invocation& invocation, Streams streams)
      : argv_(pointers(invocation.argv)), environment_(pointers(invocation.environment)) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, streams.in_fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, streams.out_fd, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, streams.error_fd, STDERR_FILENO);
  }
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;
  ~Start() { posix_spawn_file_actions_destroy(&actions_); }

  pid_t spawn() const {
    pid_t pid = -1;
    const int error = posix_spawn(&pid, argv_[0], &actions_, nullptr, argv_.data(), environment_.data());
    if (error != 0) throw Failure(std::string("cannot start ") + argv_[0] + ": " + std::strerror(error));
    return pid;
  }

 private:
  std::vector<char*> argv_;
  std::vector<char*> environment_;
  posix_spawn_file_actions_t actions_;
};

int wait_for(pid_t pid) {
  int status = 0;
  rusage used = {};
  if (interrupting_signal() != 0) kill(pid, SIGKILL);
  alarm(kHangSeconds);
  while (wait4(pid, &status, 0, &used) != pid) {
    // Whatever interrupted the wait (Ctrl-C, or the alarm because it hangs): it must not outlive the bench.
    kill(pid, SIGKILL);
  }
  alarm(0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void stop_if_interrupted() {
  if (interrupting_signal() != 0) throw Failure("interrupted");
}

}  // namespace

Words plain_environment() {
  Words environment = {"LANG=C"};
  for (const char* name : {"PATH", "HOME", "USER", "LOGNAME", "XDG_RUNTIME_DIR"}) {
    if (const char* value = std::getenv(name)) environment.push_back(std::string(name) + "=" + value);
  }
  return environment;
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* variable = std::getenv("PATH");
  const std::string path = variable ? variable : "/usr/bin:/bin";
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    const std::string candidate = path.substr(at, end - at) + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    at = end + 1;
  }
  return {};
}

std::string Outcome::reason() const {
  const std::size_t end = errors.find_last_not_of('\n') + 1;
  const std::size_t before = end == 0 ? std::string::npos : errors.rfind('\n', end - 1);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  const std::string line = errors.substr(begin, end - begin);
  return "status " + std::to_string(status) + (line.empty() ? "" : ": ") + line;
}

Outcome run(const Invocation& invocation, int at_once) {
  empty_errors();
  const Start start(invocation, {.in_fd = null_fd(), .out_fd = null_fd(), .error_fd = errors_fd()});
  std::vector<pid_t> pids(static_cast<std::size_t>(at_once));
  const double before = now_ms();
  for (pid_t& pid : pids) pid = start.spawn();
  int status = 0;
  for (const pid_t pid : pids) {
    const int ended = wait_for(pid);
    if (status == 0) status = ended;
  }
  stop_if_interrupted();
  Outcome outcome = {.ms = now_ms() - before, .status = status, .errors = {}};
  if (status != 0) outcome.errors = read_errors();
  return outcome;
}

Answer ask(const Invocation& invocation) {
  empty_errors();
  const Start start(invocation, {.in_fd = null_fd(), .out_fd = errors_fd(), .error_fd = errors_fd()});
  const int status = wait_for(start.spawn());
  stop_if_interrupted();
  return {.status = status, .text = read_errors()};
}

Guest start_guest(const Invocation& invocation) {
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) throw Failure("cannot make a pipe");
  empty_errors();
  const Start start(invocation, {.in_fd = in[0], .out_fd = out[1], .error_fd = errors_fd()});
  const pid_t pid = start.spawn();
  close(in[0]);
  close(out[1]);
  return {.pid = pid, .stdin_fd = in[1], .stdout_fd = out[0]};
}

Outcome end_guest(const Guest& guest) {
  close(guest.stdin_fd);
  close(guest.stdout_fd);
  const int status = wait_for(guest.pid);
  stop_if_interrupted();
  return {.ms = 0, .status = status, .errors = status == 0 ? std::string() : read_errors()};
}

}  // namespace kelp::bench
