// SPDX-License-Identifier: Apache-2.0
// One program, started and waited for: how long it took on the monotonic clock, how it ended, what it said on
// stderr. stdin and stdout are /dev/null. What is started, and how often, is not decided here.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace kelp::bench {

using Words = std::vector<std::string>;

struct Invocation {
  Words argv;         // argv[0] is a path
  Words environment;  // NAME=VALUE
};

struct Outcome {
  double ms = 0;       // from just before the spawn until it was reaped
  int status = 0;      // the exit status, or 128 + the signal
  std::string errors;  // what it wrote to stderr, filled only where the status is not 0

  // Of a failure: the status and the last line of stderr (warnings come before what ended it).
  std::string reason() const;
};

// The caller's environment, but only what a contender may need to find its files: no LD_PRELOAD, no locale.
Words plain_environment();

// The path of a program on PATH, or "" if there is none.
std::string find_program(const std::string& name);

// So many copies of it, all started before the first is waited for; ms is the time until the last one was
// reaped, status that of the first that failed. Throws Failure if one could not be started, or if the bench
// is asked to end.
Outcome run(const Invocation& invocation, int at_once = 1);

// As run, and keeps all of stdout and stderr: for tools whose answer is text.
struct Answer {
  int status = 0;
  std::string text;
};
Answer ask(const Invocation& invocation);

// A program that runs until its stdin is closed and says by one byte on stdout that it is there.
struct Guest {
  pid_t pid = -1;
  int stdin_fd = -1;
  int stdout_fd = -1;
};
Guest start_guest(const Invocation& invocation);

// Closes its stdin and waits for it.
Outcome end_guest(const Guest& guest);

}  // namespace kelp::bench
