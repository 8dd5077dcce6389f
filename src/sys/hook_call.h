// SPDX-License-Identifier: Apache-2.0
// One program that is run at a point of a container's life, to its end. System calls and plain values only:
// this is compiled into helpers/exec too, which has no library. hook.h is what others use.
// Runs in: both.
#pragma once

#include <sys/uio.h>

#include <cstdint>

namespace kelp::sys {

struct HookCall {
  const char* path = nullptr;
  char* const* argv = nullptr;         // ends with a null pointer
  char* const* environment = nullptr;  // the same
  unsigned timeout_s = 0;              // 0: none
  const iovec* text = nullptr;         // on its standard input
  int parts = 0;                       // of the text
};

enum class HookEnd : std::uint32_t {
  kDone,
  kNotStarted,  // `value`: errno
  kExited,      // with the status `value`
  kKilled,      // by the signal `value`
  kTooLong,     // it was killed after its timeout
};

struct HookResult {
  HookEnd end = HookEnd::kDone;
  int value = 0;
  int said_fd = -1;  // a file in memory with what it has written, read from its start; to be closed; -1: none
};

// No shell, no directory of its own, no descriptor but three. What it says does not reach the container's
// output. What it leaves behind cannot fill that file for ever.
HookResult run_hook(const HookCall& call);

}  // namespace kelp::sys
