// SPDX-License-Identifier: Apache-2.0
// The relay between the caller's terminal and the container's own pty: bytes both ways, window size, raw
// mode, and what Ctrl-Z needs. It never blocks on either side, so that signals and --timeout are always
// heard. Runs in: parent.
#pragma once

#include <poll.h>
#include <termios.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "child/play.h"
#include "sys/unique_fd.h"

namespace kelp::launch {

// Modes and size of the caller's terminal, for the container's to start with.
child::TerminalLooks looks_of_terminal();

class Relay {
 public:
  // master: the container's pty. The caller's side is 0 for input, 1 for output.
  explicit Relay(sys::UniqueFd master);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  ~Relay() { restore(); }

  // What to wait for: entries for the caller's input and output and for the master.
  void add_to(std::vector<pollfd>& entries) const;
  // Handles what poll said about the entries that add_to added.
  void handle(std::span<const pollfd> entries);

  // Raw mode and the current window size where the caller's terminal is ours (start, SIGCONT); in the
  // background it belongs to whoever is in the foreground.
  void resume();
  // As it was before.
  void restore();
  // Whether nothing will tell when the terminal becomes ours: a shell's `fg` of a job that runs sends no
  // signal. Then resume() is to be tried now and then.
  bool waits_for_foreground() const;
  bool is_in_foreground() const;
  // Whether the caller has typed the character that suspends (Ctrl-Z) since resume().
  bool has_suspend() const { return has_suspend_; }
  // SIGWINCH.
  void copy_window_size() const;
  // What the container has written so far, as far as the caller's side takes it now.
  void drain();
  // Whether something is still to be written after the container's end.
  bool has_output() const;

 private:
  void read_input();
  void end_input();
  void flush_input();
  void read_output();
  void flush_output();
  void hang_up();

  sys::UniqueFd master_;
  sys::UniqueFd own_input_;        // 0 and 1 as open files of our own, so that O_NONBLOCK is ours alone;
  sys::UniqueFd own_output_;       // invalid where they cannot be opened again
  std::optional<termios> before_;  // set while the caller's terminal is raw
  std::string input_;              // what the pty did not take yet
  std::string output_;             // what the caller's side did not take yet
  char last_input_ = '\n';
  bool has_suspend_ = false;
  bool input_is_open_ = true;
  bool output_is_open_ = true;
};

}  // namespace kelp::launch
