// SPDX-License-Identifier: Apache-2.0
// The signals that kelp passes on. All are blocked from the start of a container on and read here.
// Runs in: parent.
#pragma once

#include <optional>

#include "base/result.h"
#include "sys/unique_fd.h"

namespace kelp::launch {

// Blocks all signals, and resets an ignored SIGCHLD (the kernel would reap our child behind our back). The
// result reads those that a container is told of. What the caller ignores (nohup) stays ignored: it is
// neither read nor passed on. SIGCHLD is read too: a command without a reaper is seen to stop by it.
Result<sys::UniqueFd> take_signals();

struct Signal {
  int number = 0;
  bool is_from_terminal = false;  // sent by the kernel to the whole foreground group
};
// The next signal; nothing where none is waiting.
std::optional<Signal> next_signal(int signal_fd);

// Whether `number`, SIGTTIN or SIGTTOU, came to us too: a terminal sends them to the whole group of whoever
// uses it from the background. Takes it.
bool take_background_stop(int number);

// Whether the signal, sent while the container is still being made, ends the start.
bool ends_a_start(int number);

// Can be read, and is not to be, while a signal waits that would have ended kelp.
Result<sys::UniqueFd> watch_for_the_end();

// Stops as Ctrl-Z does, with the rest of a pipeline or script where our group has the terminal; comes back
// when continued. Where nobody could continue us (an orphaned group, an ignored SIGTSTP) nothing happens.
enum class Stop { kThisProcess, kWholeGroup };
void stop_ourselves(Stop which);

}  // namespace kelp::launch
