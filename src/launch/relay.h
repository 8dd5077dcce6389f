// SPDX-License-Identifier: Apache-2.0
// The relay between the caller's terminal and the container's own pty: bytes both ways, window size, raw
// mode, and what Ctrl-Z needs. Runs in: parent.
#pragma once

#include <poll.h>
#include <termios.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sys/unique_fd.h"

namespace kelp::launch {

class Relay {
 public:
  // master: the container's pty. The caller's side is 0 for input, 1 for output.
  explicit Relay(sys::UniqueFd master);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  ~Relay() { restore(); }

  // What to wait for: entries for the caller's input and for the master.
  void add_to(std::vector<pollfd>& entries) const;
  // Handles what poll said about the entries that add_to added.
  void handle(std::span<const pollfd> entries);
  static constexpr std::size_t kEntries = 2;

  // The caller's terminal has the foreground again (start, SIGCONT): raw mode, current window size.
  void resume();
  // As it was before.
  void restore();
  // SIGWINCH.
  void copy_window_size() const;
  // What the container has still written, after its end.
  void drain();

 private:
  void read_input();
  void read_output();
  void flush_input();

  sys::UniqueFd master_;
  std::optional<termios> before_;  // set while the caller's terminal is raw
  std::string pending_;            // input that the pty did not take yet
  bool input_is_open_ = true;
  bool output_is_open_ = true;
};

}  // namespace kelp::launch
