// SPDX-License-Identifier: Apache-2.0
// Ctrl-C, TERM and a contender that hangs: all three end the wait for it, and the bench then still removes
// its temporary directory. Failures of the bench itself are exceptions, caught in main: it is a tool for
// tests, and nothing can go on after one.
#pragma once

#include <stdexcept>

namespace kelp::bench {

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// INT, TERM, HUP and ALRM interrupt system calls from now on, and are remembered.
void catch_interrupts();

// The signal that asked the bench to end, or 0. ALRM is not one.
int interrupting_signal();

}  // namespace kelp::bench
