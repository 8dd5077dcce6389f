// SPDX-License-Identifier: Apache-2.0
// What PID 1 of a container does once the command has its own process, whichever program PID 1 is: kelp's
// child itself, or helpers/init, into which this is compiled without any library. Hence system calls and
// plain values only: no allocation, no Result. Runs in: child.
#pragma once

#include <sys/types.h>

#include <csignal>

namespace kelp::sys {

// What a terminal sends to a whole foreground group: forwarded to the command's group.
constexpr bool is_for_groups(int number) {
  return number == SIGINT || number == SIGQUIT || number == SIGTSTP || number == SIGHUP ||
         number == SIGWINCH || number == SIGCONT;
}

// Until when PID 1 stays: for the command, or until no process is left.
enum class Stay { kForCommand, kUntilEmpty };

// Forwards signals to `command` (a child of ours), reaps whatever ends, tells the parent over `status_fd`
// when the command stops or ends, and ends as it did: 128 and more for a signal. All signals must be blocked.
[[noreturn]] void reap_until_the_end(pid_t command, int status_fd, Stay stay = Stay::kForCommand);

}  // namespace kelp::sys
