// SPDX-License-Identifier: Apache-2.0
// The relay; see relay.h.
// Runs in: parent.
#include "launch/relay.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>

#include "sys/files.h"

namespace kelp::launch {
namespace {

constexpr std::size_t kMaxPending = 65536;  // more input is not read until the pty has taken this much

// A terminal of the caller, among 0, 1 and 2; -1: none.
int callers_terminal() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::isatty(fd) == 1) return fd;
  }
  return -1;
}

}  // namespace

Relay::Relay(sys::UniqueFd master) : master_(std::move(master)) {
  // Our own open file: the container's side is the slave. A paste must not block us while output waits.
  ::fcntl(master_.get(), F_SETFL, O_NONBLOCK);
  const int terminal = callers_terminal();
  termios modes{};
  // The container starts with the modes that the caller's terminal had.
  if (terminal >= 0 && ::tcgetattr(terminal, &modes) == 0) ::tcsetattr(master_.get(), TCSANOW, &modes);
  resume();
}

void Relay::resume() {
  copy_window_size();
  if (before_ || ::isatty(STDIN_FILENO) != 1) return;
  // In the background the terminal's modes belong to whoever is in the foreground; SIGCONT brings us back
  // here.
  if (::tcgetpgrp(STDIN_FILENO) != ::getpgrp()) return;
  termios modes{};
  if (::tcgetattr(STDIN_FILENO, &modes) != 0) return;
  before_ = modes;
  ::cfmakeraw(&modes);
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
}

void Relay::restore() {
  if (!before_) return;
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &*before_);
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
      input_is_open_ && pending_.size() < kMaxPending && (before_ || ::isatty(STDIN_FILENO) != 1);
  entries.push_back({.fd = may_read ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0});
  short events = POLLIN;
  if (!pending_.empty()) events |= POLLOUT;
  entries.push_back({.fd = output_is_open_ ? master_.get() : -1, .events = events, .revents = 0});
}

void Relay::handle(std::span<const pollfd> entries) {
  if (entries[0].revents != 0) read_input();
  if ((entries[1].revents & POLLOUT) != 0) flush_input();
  if ((entries[1].revents & ~POLLOUT) != 0) read_output();
}

void Relay::read_input() {
  std::array<char, 4096> buffer;
  const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (count > 0) {
    pending_.append(buffer.data(), static_cast<std::size_t>(count));
  } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
    input_is_open_ = false;
    termios modes{};
    // A pipe ended: say so as a keyboard would.
    if (::tcgetattr(master_.get(), &modes) == 0) pending_ += static_cast<char>(modes.c_cc[VEOF]);
  }
  flush_input();
}

void Relay::flush_input() {
  while (!pending_.empty()) {
    const ssize_t count = ::write(master_.get(), pending_.data(), pending_.size());
    if (count <= 0) return;
    pending_.erase(0, static_cast<std::size_t>(count));
  }
}

void Relay::read_output() {
  std::array<char, 16384> buffer;
  const ssize_t count = ::read(master_.get(), buffer.data(), buffer.size());
  if (count > 0) {
    // Where the caller's side is gone there is nobody to show it to; the container learns by its own hangup.
    (void)sys::write_all(STDOUT_FILENO, {buffer.data(), static_cast<std::size_t>(count)}, "the terminal");
  } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
    output_is_open_ = false;  // EIO: every slave is closed
  }
}

void Relay::drain() {
  while (output_is_open_) {
    pollfd entry{.fd = master_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&entry, 1, 0) <= 0 || (entry.revents & POLLIN) == 0) return;
    read_output();
  }
}

}  // namespace kelp::launch
