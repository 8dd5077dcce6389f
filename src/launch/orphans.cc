// SPDX-License-Identifier: Apache-2.0
// See orphans.h.
// Runs in: parent.
#include "launch/orphans.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::launch {
namespace {

constexpr char kChildren[] = "/proc/thread-self/children";

// The kernel has them in one file (proc_pid_children(5)). A child that has ended stays in it until it is
// waited for, so that no number can be another process. False: there is none that we may end, and none to
// wait for (root without CAP_KILL may not end what has become another user).
bool kill_children() {
  const Result<std::string> children = sys::read_proc(kChildren);
  if (!children) return false;
  bool has_killed = false;
  for (const std::string_view word : split(*children, ' ')) {
    const auto pid = read_decimal(word, INT32_MAX);
    if (pid && ::kill(static_cast<pid_t>(*pid), SIGKILL) == 0) has_killed = true;
  }
  return has_killed;
}

}  // namespace

Status adopt_orphans() {
  if (Result<std::string> children = sys::read_proc(kChildren); !children) return std::move(children.error());
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return sys::failure("take in the command's orphans");
  return {};
}

void reap_orphans(int command) {
  for (;;) {
    siginfo_t ended{};
    if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT | __WALL) != 0) return;
    if (ended.si_pid == 0 || ended.si_pid == command) return;
    ::waitpid(ended.si_pid, nullptr, __WALL);
  }
}

void end_orphans() {
  while (kill_children()) {
    // At least one of those just killed ends now; its own children are ours by then.
    const pid_t ended = ::waitpid(-1, nullptr, __WALL);
    if (ended < 0 && errno != EINTR) return;
  }
}

}  // namespace kelp::launch
