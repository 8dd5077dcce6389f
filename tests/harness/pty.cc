// SPDX-License-Identifier: Apache-2.0
// The test's side of a pty.
#include "harness/pty.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <vector>

namespace kelp::harness {

using std::chrono::steady_clock;

PtySession::PtySession(const Argv& argv, const RunOptions& options, Size size) {
  winsize window{.ws_row = size.rows, .ws_col = size.columns, .ws_xpixel = 0, .ws_ypixel = 0};
  pid_ = forkpty(&fd_, nullptr, nullptr, &window);
  if (pid_ < 0) throw std::runtime_error(std::string("harness: forkpty: ") + std::strerror(errno));
  if (pid_ == 0) {
    for (const std::string& change : options.env) {
      if (const auto equals = change.find('='); equals == std::string::npos)
        unsetenv(change.c_str());
      else
        setenv(change.substr(0, equals).c_str(), change.substr(equals + 1).c_str(), 1);
    }
    if (!options.cwd.empty() && chdir(options.cwd.c_str()) != 0) _exit(127);
    if (options.before_exec) options.before_exec();
    std::vector<char*> words;
    for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    execvp(words[0], words.data());
    dprintf(2, "harness: cannot execute %s: %s\n", words[0], std::strerror(errno));
    _exit(127);
  }
  fcntl(fd_, F_SETFD, FD_CLOEXEC);
}

PtySession::~PtySession() {
  if (!is_reaped_) {
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (fd_ >= 0) close(fd_);
}

void PtySession::type(std::string_view keys) {
  while (!keys.empty()) {
    const ssize_t size = write(fd_, keys.data(), keys.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) throw std::runtime_error(std::string("harness: typing: ") + std::strerror(errno));
    keys.remove_prefix(static_cast<std::size_t>(size));
  }
}

// False: nothing came in time, or the terminal has no program left (EIO).
bool PtySession::read_some(milliseconds patience) {
  pollfd wanted{fd_, POLLIN, 0};
  const int ready = poll(&wanted, 1, static_cast<int>(patience.count()));
  if (ready < 0 && errno == EINTR) return true;
  if (ready <= 0) return false;
  std::array<char, 4096> block;
  const ssize_t size = read(fd_, block.data(), block.size());
  if (size <= 0) return false;
  seen_.append(block.data(), static_cast<std::size_t>(size));
  return true;
}

bool PtySession::wait_for(std::string_view text, milliseconds patience) {
  const auto deadline = steady_clock::now() + patiently(patience);
  for (;;) {
    if (const auto at = seen_.find(text, consumed_); at != std::string::npos) {
      consumed_ = at + text.size();
      return true;
    }
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0 || !read_some(left)) return false;
  }
}

void PtySession::resize(Size size) {
  winsize window{.ws_row = size.rows, .ws_col = size.columns, .ws_xpixel = 0, .ws_ypixel = 0};
  ioctl(fd_, TIOCSWINSZ, &window);
}

termios PtySession::settings() const {
  termios now{};
  tcgetattr(fd_, &now);
  return now;
}

pid_t PtySession::foreground() const { return tcgetpgrp(fd_); }

Outcome PtySession::finish(milliseconds patience) {
  const auto deadline = steady_clock::now() + patiently(patience);
  Outcome outcome;
  int status = 0;
  for (;;) {
    while (read_some(milliseconds{1})) {
    }
    const pid_t ended = waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) break;
    if (steady_clock::now() > deadline) {
      outcome.timed_out = true;
      ::kill(-pid_, SIGKILL);
      ::kill(pid_, SIGKILL);
      waitpid(pid_, &status, 0);
      break;
    }
    std::this_thread::sleep_for(milliseconds{2});
  }
  is_reaped_ = true;
  while (read_some(milliseconds{20})) {
  }
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  outcome.out = seen_;
  return outcome;
}

bool PtySession::is_stopped(milliseconds patience) {
  const auto deadline = steady_clock::now() + patiently(patience);
  do {
    siginfo_t state{};
    if (waitid(P_PID, static_cast<id_t>(pid_), &state, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
        state.si_pid == pid_)
      return true;
    read_some(milliseconds{5});
  } while (steady_clock::now() < deadline);
  return false;
}

}  // namespace kelp::harness
