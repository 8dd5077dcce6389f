// SPDX-License-Identifier: Apache-2.0
// Starting programs from a test, and what became of them. No shell: arguments arrive as they are written.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "harness/patience.h"

namespace kelp::harness {

using Argv = std::vector<std::string>;

/// How to start a program. The defaults: the test's own environment and directory, an empty stdin.
struct RunOptions {
  std::string stdin_text = {};             ///< what the program reads, then end of file
  std::vector<std::string> env = {};       ///< "NAME=VALUE" sets, "NAME" alone takes away
  std::string cwd = {};                    ///< where it starts; empty: where the test is
  milliseconds timeout{30'000};            ///< then it is killed, Outcome::timed_out is true; patience.h
  std::function<void()> before_exec = {};  ///< runs in the child: close a descriptor, ignore a signal …
};

/// How a program ended, and all that it wrote.
struct Outcome {
  int status = -1;         ///< exit status, or -1 if a signal ended it
  int signal = 0;          ///< the signal that ended it, or 0
  bool timed_out = false;  ///< the harness killed it
  std::string out, err;    ///< stdout and stderr

  bool operator==(const Outcome&) const = default;
};

/// For GoogleTest: a failed EXPECT shows the whole outcome.
void PrintTo(const Outcome& outcome, std::ostream* stream);

/// A program that was started and may still run. Ends it (SIGKILL) when it goes out of scope.
class Running {
 public:
  Running(const Argv& argv, RunOptions options);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  pid_t pid() const { return pid_; }

  /// Reads on until stdout holds the text; false if the program ended or the timeout ran out first.
  bool wait_for_output(std::string_view text);

  void kill(int signal) const;

  /// Reads to the end of both outputs and waits. Call it once.
  ///
  /// The end of output, not of the program, ends the reading: a process left behind that still holds stdout
  /// makes this time out, which is what a test of left-over processes wants to see.
  Outcome finish();

 private:
  bool read_some();
  void reap();

  pid_t pid_ = -1;
  int out_fd_ = -1, err_fd_ = -1;
  std::chrono::steady_clock::time_point deadline_;
  bool is_reaped_ = false;
  Outcome outcome_;
};

/// Starts a program (found in PATH) and waits for it. Not found or not executable: status 127 and the reason
/// in err, as a shell does.
Outcome run(const Argv& argv, RunOptions options = {});

/// Path of the kelp under test: $KELP_BINARY.
std::string kelp_binary();

/// A --timeout in which a start gets to its command, on a busy machine too.
#ifdef __SANITIZE_ADDRESS__
inline const std::string kSoon = timeout_of(milliseconds{5000});
#else
inline const std::string kSoon = timeout_of(milliseconds{600});
#endif

/// `run` of the kelp under test: kelp({"run", "empty", "true"}).
Outcome kelp(Argv arguments, RunOptions options = {});

/// Makes this process the reaper of all its descendants, so that whatever a killed program leaves behind
/// becomes our child and `descendants` can see it. Stays so for the rest of the process.
void adopt_orphans();

/// Process ids of our children (after adopt_orphans: of everything left behind), once none is left or the
/// time is over: the kernel ends a pid namespace a moment after its PID 1.
std::vector<pid_t> descendants(milliseconds patience = milliseconds{2000});

}  // namespace kelp::harness
