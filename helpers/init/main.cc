// SPDX-License-Identifier: Apache-2.0
// kelp-init COMMAND STATUS READY: PID 1 of a container that is to be entered from outside. kelp's child
// executes it, inside the user namespace, from a sealed memfd, with an empty environment: a process that was
// executed there is one that the namespace's owner may enter by /proc, and who holds no more than this holds
// nothing worth stealing.
//   COMMAND  the process id of the command, a child of ours
//   STATUS   the socket for kelp::sys::StatusMessage
//   READY    a pipe that gets one byte as soon as nothing inside can look into us; the command waits for it
#include <sys/prctl.h>
#include <unistd.h>

#include "sys/decimal.h"
#include "sys/pid1.h"

namespace {

constexpr int kCannotStart = 125;

}  // namespace

int main(int argc, char** argv) {
  // Before anything else: until now the command's user could trace us.
  if (argc != 4 || ::prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) != 0) ::_exit(kCannotStart);
  // The kernel's own idea is the number of the memfd (before 6.14).
  ::prctl(PR_SET_NAME, "kelp-init", 0L, 0L, 0L);
  const int ready_fd = kelp::sys::decimal(argv[3]);
  // Should it fail, the command sees the pipe's end instead, and ends.
  [[maybe_unused]] const ssize_t written = ::write(ready_fd, "r", 1);
  ::close(ready_fd);
  kelp::sys::reap_until_the_end(kelp::sys::decimal(argv[1]), kelp::sys::decimal(argv[2]));
}
