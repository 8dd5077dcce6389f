// SPDX-License-Identifier: Apache-2.0
// A program on a terminal of its own, with the test at the keyboard.
#pragma once

#include <termios.h>

#include <chrono>
#include <string>
#include <string_view>

#include "harness/run.h"

namespace kelp::harness {

/// Starts a program in a new session whose controlling terminal, stdin, stdout and stderr are a new pty.
/// Ends it (SIGKILL, with its process group) when it goes out of scope.
class PtySession {
 public:
  struct Size {
    unsigned short rows = 24, columns = 80;
    bool operator==(const Size&) const = default;
  };

  explicit PtySession(const Argv& argv) : PtySession(argv, RunOptions{}, Size{}) {}
  PtySession(const Argv& argv, const RunOptions& options, Size size);
  ~PtySession();
  PtySession(const PtySession&) = delete;
  PtySession& operator=(const PtySession&) = delete;

  pid_t pid() const { return pid_; }

  /// Types. "\x03" is Ctrl-C, "\x04" the end of input, "\x1a" Ctrl-Z, "\r" the return key.
  void type(std::string_view keys);

  /// Reads on until the text has appeared after what earlier calls waited for. False: it did not in time.
  bool wait_for(std::string_view text, milliseconds patience = milliseconds{5000});

  /// All that has appeared on the terminal so far.
  const std::string& seen() const { return seen_; }

  /// Changes the window, as a person pulls at its corner: the foreground group gets SIGWINCH.
  void resize(Size size);

  /// The terminal's settings now: to see that raw mode was left again.
  termios settings() const;

  /// The foreground process group of the terminal.
  pid_t foreground() const;

  /// Waits until the program has ended, reading on. Outcome::out is all that was seen.
  Outcome finish(milliseconds patience = milliseconds{10'000});

  /// True once the program (the one started here) is stopped, as after Ctrl-Z.
  bool is_stopped(milliseconds patience = milliseconds{5000});

 private:
  bool read_some(milliseconds patience);

  int fd_ = -1;
  pid_t pid_ = -1;
  bool is_reaped_ = false;
  std::size_t consumed_ = 0;
  std::string seen_;
};

}  // namespace kelp::harness
