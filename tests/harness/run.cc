// SPDX-License-Identifier: Apache-2.0
// fork, exec, pipes and poll, written out: kelp's own classes are under test and not used here.
#include "harness/run.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace kelp::harness {
namespace {

using std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string("harness: ") + what + ": " + std::strerror(errno));
}

// A file in memory, so that a program that never reads its stdin cannot block the test.
int open_text(const std::string& text) {
  const int fd = memfd_create("stdin", MFD_CLOEXEC);
  if (fd < 0) fail("memfd_create");
  if (write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) fail("write");
  if (lseek(fd, 0, SEEK_SET) != 0) fail("lseek");
  return fd;
}

[[noreturn]] void become(const Argv& argv, const RunOptions& options) {
  for (const std::string& change : options.env) {
    if (const auto equals = change.find('='); equals == std::string::npos)
      unsetenv(change.c_str());
    else
      setenv(change.substr(0, equals).c_str(), change.substr(equals + 1).c_str(), 1);
  }
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  if (!options.cwd.empty() && chdir(options.cwd.c_str()) != 0) {
    dprintf(2, "harness: cannot enter %s: %s\n", options.cwd.c_str(), std::strerror(errno));
    _exit(127);
  }
  if (options.before_exec) options.before_exec();
  execvp(words[0], words.data());
  dprintf(2, "harness: cannot execute %s: %s\n", words[0], std::strerror(errno));
  _exit(127);
}

int milliseconds_until(steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()).count();
  return static_cast<int>(std::max<long>(left, 0));
}

}  // namespace

void PrintTo(const Outcome& outcome, std::ostream* stream) {
  *stream << "status " << outcome.status;
  if (outcome.signal != 0) *stream << ", signal " << outcome.signal;
  if (outcome.timed_out) *stream << ", TIMED OUT";
  *stream << "\n--- stdout\n" << outcome.out << "\n--- stderr\n" << outcome.err << "\n---";
}

Running::Running(const Argv& argv, RunOptions options)
    : deadline_(steady_clock::now() + patiently(options.timeout)) {
  const int in_fd = open_text(options.stdin_text);
  std::array<int, 2> out{}, err{};
  if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0) fail("pipe2");
  pid_ = fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {
    dup2(in_fd, 0);
    dup2(out[1], 1);
    dup2(err[1], 2);
    become(argv, options);
  }
  close(in_fd);
  close(out[1]);
  close(err[1]);
  out_fd_ = out[0];
  err_fd_ = err[0];
}

Running::~Running() {
  if (!is_reaped_) {
    kill(SIGKILL);
    reap();
  }
  if (out_fd_ >= 0) close(out_fd_);
  if (err_fd_ >= 0) close(err_fd_);
}

void Running::kill(int signal) const { ::kill(pid_, signal); }

// Reads what is there, or waits for something. False: both ends are closed, or the time is over.
bool Running::read_some() {
  std::array<pollfd, 2> wanted = {{{out_fd_, POLLIN, 0}, {err_fd_, POLLIN, 0}}};
  if (out_fd_ < 0 && err_fd_ < 0) return false;
  const int ready = poll(wanted.data(), wanted.size(), milliseconds_until(deadline_));
  if (ready < 0 && errno == EINTR) return true;
  if (ready <= 0) {
    outcome_.timed_out = true;
    return false;
  }
  for (int& fd : {std::ref(out_fd_), std::ref(err_fd_)}) {
    const pollfd& seen = &fd == &out_fd_ ? wanted[0] : wanted[1];
    if (fd < 0 || seen.revents == 0) continue;
    std::array<char, 65536> block;
    const ssize_t size = read(fd, block.data(), block.size());
    if (size > 0) {
      (&fd == &out_fd_ ? outcome_.out : outcome_.err).append(block.data(), static_cast<std::size_t>(size));
    } else if (size == 0 || errno != EINTR) {
      close(fd);
      fd = -1;
    }
  }
  return true;
}

bool Running::wait_for_output(std::string_view text) {
  while (outcome_.out.find(text) == std::string::npos)
    if (out_fd_ < 0 || !read_some()) return outcome_.out.find(text) != std::string::npos;
  return true;
}

void Running::reap() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0)
    if (errno != EINTR) return;
  is_reaped_ = true;
  if (WIFEXITED(status)) outcome_.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome_.signal = WTERMSIG(status);
}

Outcome Running::finish() {
  while (read_some()) {
  }
  // Closed outputs do not mean that it has ended.
  siginfo_t ended{};
  while (!outcome_.timed_out) {
    if (waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid != 0)
      break;
    if (milliseconds_until(deadline_) == 0) outcome_.timed_out = true;
    std::this_thread::sleep_for(milliseconds{1});
  }
  if (outcome_.timed_out) kill(SIGKILL);
  reap();
  return outcome_;
}

Outcome run(const Argv& argv, RunOptions options) { return Running(argv, std::move(options)).finish(); }

std::string kelp_binary() {
  const char* path = std::getenv("KELP_BINARY");
  if (!path) throw std::runtime_error("KELP_BINARY is not set: run the tests by ./dev test");
  return path;
}

Outcome kelp(Argv arguments, RunOptions options) {
  arguments.insert(arguments.begin(), kelp_binary());
  return run(arguments, std::move(options));
}

void adopt_orphans() {
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) fail("prctl");
}

std::vector<pid_t> descendants(milliseconds patience) {
  const auto deadline = steady_clock::now() + patiently(patience);
  for (;;) {
    pid_t ended = 0;
    while ((ended = waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (ended < 0) return {};
    std::vector<pid_t> found;
    std::ifstream children("/proc/thread-self/children");
    for (pid_t pid = 0; children >> pid;) found.push_back(pid);
    if (steady_clock::now() > deadline) {
      if (found.empty()) found.push_back(-1);  // there is one, but this kernel does not list it
      return found;
    }
    std::this_thread::sleep_for(milliseconds{5});
  }
}

}  // namespace kelp::harness
