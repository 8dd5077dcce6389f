// SPDX-License-Identifier: Apache-2.0
// The relay; see relay.h.
// Runs in: parent.
#include "launch/relay.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "sys/files.h"

namespace kelp::launch {
namespace {

constexpr std::size_t kMaxWaiting = 65536;  // more is not read from one side until the other took this much
// What a pipe or terminal that poll calls writable takes at once.
constexpr std::size_t kBlockingWrite = 2048;

// A terminal of the caller, among 0, 1 and 2; -1: none.
int callers_terminal() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::isatty(fd) == 1) return fd;
  }
  return -1;
}

bool is_ours(int terminal) { return ::tcgetpgrp(terminal) == ::getpgrp(); }

// A terminal or pipe opened again, non-blocking: the flag on the caller's own open file would hit everyone
// who shares it.
sys::UniqueFd reopened(int fd, int mode) {
  struct stat info{};
  const bool is_pipe = ::fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode);
  if (!is_pipe && ::isatty(fd) != 1) return {};
  Result<sys::UniqueFd> own = sys::open_file(sys::proc_path(fd), mode | O_NONBLOCK | O_NOCTTY);
  return own ? std::move(*own) : sys::UniqueFd();
}

int either(const sys::UniqueFd& own, int fd) { return own.valid() ? own.get() : fd; }

bool is_passing() { return errno == EINTR || errno == EAGAIN; }

}  // namespace

child::TerminalLooks looks_of_terminal() {
  child::TerminalLooks looks;
  const int terminal = callers_terminal();
  if (terminal < 0) return looks;
  termios modes{};
  // Not from the background: there they are those of the shell's line editor.
  if (is_ours(terminal) && ::tcgetattr(terminal, &modes) == 0) looks.modes = modes;
  winsize size{};
  if (::ioctl(terminal, TIOCGWINSZ, &size) == 0) looks.size = size;
  return looks;
}

Relay::Relay(sys::UniqueFd master)
    : master_(std::move(master)),
      own_input_(reopened(STDIN_FILENO, O_RDONLY)),
      own_output_(reopened(STDOUT_FILENO, O_WRONLY)) {
  // Our own open file: the container's side is the slave. A paste must not block us while output waits.
  ::fcntl(master_.get(), F_SETFL, O_NONBLOCK);
  copy_window_size();
  resume();
}

bool Relay::is_in_foreground() const { return ::isatty(STDIN_FILENO) == 1 && is_ours(STDIN_FILENO); }

bool Relay::waits_for_foreground() const {
  return input_is_open_ && !before_ && ::isatty(STDIN_FILENO) == 1 && ::tcgetpgrp(STDIN_FILENO) >= 0;
}

void Relay::resume() {
  has_suspend_ = false;
  if (!is_in_foreground()) {
    before_.reset();
    return;
  }
  copy_window_size();
  termios modes{};
  if (::tcgetattr(STDIN_FILENO, &modes) != 0) return;
  // Still as we left them: not so where we were stopped from outside and the shell took the terminal.
  if (before_ && (modes.c_lflag & (ICANON | ISIG)) == 0) return;
  before_ = modes;
  ::cfmakeraw(&modes);
  // TCSANOW: TCSADRAIN would wait for a terminal that is held by Ctrl-S.
  ::tcsetattr(STDIN_FILENO, TCSANOW, &modes);
}

void Relay::restore() {
  if (before_ && is_in_foreground()) ::tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
  before_.reset();
}

void Relay::copy_window_size() const {
  winsize size{};
  const int terminal = callers_terminal();
  if (terminal >= 0 && ::ioctl(terminal, TIOCGWINSZ, &size) == 0) ::ioctl(master_.get(), TIOCSWINSZ, &size);
}

void Relay::add_to(std::vector<pollfd>& entries) const {
  // A terminal that we do not have in the foreground may not be read (SIGTTIN).
  const bool may_read =
      input_is_open_ && input_.size() < kMaxWaiting && (before_ || ::isatty(STDIN_FILENO) != 1);
  short events = 0;
  if (output_.size() < kMaxWaiting) events |= POLLIN;
  if (!input_.empty()) events |= POLLOUT;
  entries.push_back({.fd = may_read ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0});
  entries.push_back({.fd = output_.empty() ? -1 : STDOUT_FILENO, .events = POLLOUT, .revents = 0});
  // Without events poll would still tell of a hangup, again and again.
  entries.push_back(
      {.fd = output_is_open_ && events != 0 ? master_.get() : -1, .events = events, .revents = 0});
}

void Relay::handle(std::span<const pollfd> entries) {
  if (entries[0].revents != 0) read_input();
  if (entries[1].revents != 0) flush_output();
  if ((entries[2].revents & POLLOUT) != 0) flush_input();
  if ((entries[2].revents & ~POLLOUT) != 0) read_output();
}

void Relay::read_input() {
  std::array<char, 4096> buffer;
  const ssize_t count = ::read(either(own_input_, STDIN_FILENO), buffer.data(), buffer.size());
  if (count > 0) {
    input_.append(buffer.data(), static_cast<std::size_t>(count));
    last_input_ = buffer.at(static_cast<std::size_t>(count) - 1);
    const auto end = buffer.begin() + count;
    if (before_ && std::find(buffer.begin(), end, static_cast<char>(before_->c_cc[VSUSP])) != end)
      has_suspend_ = true;
  } else if (count < 0 && errno == EIO && before_ && ::tcgetpgrp(STDIN_FILENO) >= 0 && !is_in_foreground()) {
    before_.reset();  // somebody else took the terminal, without stopping us first
  } else if (count == 0 || !is_passing()) {
    end_input();
  }
  flush_input();
}

// The input ended (a pipe, or the terminal hung up): say so as a keyboard would. In the middle of a line the
// first such key only ends the line.
void Relay::end_input() {
  input_is_open_ = false;
  termios modes{};
  if (::tcgetattr(master_.get(), &modes) != 0) return;
  input_.append(last_input_ == '\n' ? 1 : 2, static_cast<char>(modes.c_cc[VEOF]));
}

void Relay::flush_input() {
  while (!input_.empty() && master_.valid()) {
    const ssize_t count = ::write(master_.get(), input_.data(), input_.size());
    if (count <= 0) return;
    input_.erase(0, static_cast<std::size_t>(count));
  }
}

void Relay::read_output() {
  std::array<char, 16384> buffer;
  const ssize_t count = ::read(master_.get(), buffer.data(), buffer.size());
  if (count > 0) {
    output_.append(buffer.data(), static_cast<std::size_t>(count));
    if (own_output_.valid()) flush_output();
  } else if (count == 0 || !is_passing()) {
    output_is_open_ = false;  // EIO: every slave is closed
  }
}

void Relay::flush_output() {
  while (!output_.empty()) {
    const std::size_t size = own_output_.valid() ? output_.size() : std::min(output_.size(), kBlockingWrite);
    const ssize_t count = ::write(either(own_output_, STDOUT_FILENO), output_.data(), size);
    if (count < 0) {
      if (!is_passing()) hang_up();
      return;
    }
    output_.erase(0, static_cast<std::size_t>(count));
    if (!own_output_.valid()) return;  // only poll knows whether it takes more without blocking
  }
}

// Nobody reads any more (a pager that was left, a window that was closed): the container's terminal hangs up,
// which its programs notice as SIGHUP and as EIO.
void Relay::hang_up() {
  output_.clear();
  input_.clear();
  input_is_open_ = false;
  output_is_open_ = false;
  restore();
  master_.reset();
}

void Relay::drain() {
  while (output_is_open_ && output_.size() < kMaxWaiting) {
    pollfd entry{.fd = master_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&entry, 1, 0) <= 0 || entry.revents == 0) break;
    read_output();
  }
}

bool Relay::has_output() const {
  if (!output_.empty()) return true;
  pollfd entry{.fd = master_.get(), .events = POLLIN, .revents = 0};
  return output_is_open_ && ::poll(&entry, 1, 0) > 0 && (entry.revents & POLLIN) != 0;
}

}  // namespace kelp::launch
