// SPDX-License-Identifier: Apache-2.0
// The child's half of a start: plays the steps of a Plan between clone and exec. It decides nothing, looks
// nothing up by name outside the new root, and reports by Report alone.
// Runs in: child.
#pragma once

#include <sys/ioctl.h>
#include <termios.h>

#include <optional>

#include "plan/plan.h"
#include "sys/unique_fd.h"

namespace kelp::child {

// The child's ends of what connects it with the parent.
struct Channels {
  sys::UniqueFd go;      // one byte: the id maps are written. Its end: the parent is gone
  sys::UniqueFd report;  // Report
  sys::UniqueFd status;  // StatusMessage; invalid where there is neither a reaper nor a terminal
  sys::UniqueFd owners;  // what root emulation keeps beside ROOT; invalid: nothing
  sys::UniqueFd notify;  // takes the descriptor of a filter that notifies; invalid: there is none
  sys::UniqueFd proc;    // the machine's /proc, for a child that is born where it is not seen
};

// What the container's terminal starts with, as the parent saw it on the caller's: the command may look at
// once, before the relay has begun.
struct TerminalLooks {
  std::optional<termios> modes;
  std::optional<winsize> size;
};

// The caller's own limit, to be given back before the exec; set-up runs with the soft limit raised.
struct DescriptorLimit {
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};

struct Caller {
  DescriptorLimit limit;
  TerminalLooks terminal;
  bool is_hidden = false;  // the child was born non-dumpable: others than the caller could look in
};

[[noreturn]] void play(const plan::Plan& plan, Channels channels, const Caller& caller);

}  // namespace kelp::child
