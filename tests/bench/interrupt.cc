// SPDX-License-Identifier: Apache-2.0
// Signals as a remembered number; without SA_RESTART, so that a wait comes back.
#include "interrupt.h"

#include <csignal>

namespace kelp::bench {
namespace {

volatile std::sig_atomic_t caught = 0;

void remember(int signal) {
  if (signal != SIGALRM) caught = signal;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = remember;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGALRM}) sigaction(signal, &action, nullptr);
}

int interrupting_signal() { return caught; }

}  // namespace kelp::bench
