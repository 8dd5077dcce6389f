// SPDX-License-Identifier: Apache-2.0
// Fences set from outside; see outer_fences.h.
// Runs in: parent, and a throw-away child.
#include "host/outer_fences.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "sys/landlock.h"
#include "sys/process.h"

namespace kelp::host {
namespace {

constexpr int kMaxLayers = 16;                // LANDLOCK_MAX_NUM_LAYERS
constexpr std::uint64_t kExecute = 1U << 0U;  // LANDLOCK_ACCESS_FS_EXECUTE, of every ABI
constexpr unsigned kCloseOnExec = 1U << 0U;   // FSOPEN_CLOEXEC
constexpr unsigned long kFlags = MS_REC | MS_PRIVATE;

// The kernel takes so many domains one in another and no more: where fewer fit, there was one before. Leaves
// this process in all of them.
bool is_in_a_domain() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  const Result<sys::UniqueFd> ruleset = sys::make_landlock_ruleset({.files = kExecute});
  if (!ruleset) return false;
  for (int entered = 0; entered <= kMaxLayers; ++entered) {
    const Status status = sys::enter_landlock_domain(ruleset->get());
    if (!status) return status.error().code() == E2BIG && entered < kMaxLayers;
  }
  return false;
}

// In a mount namespace of our own. To open a file system needs the right to mount, and no leave of
// Landlock's.
bool may_mount_but_cannot() {
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  if (::syscall(SYS_fsopen, "tmpfs", kCloseOnExec) < 0) return false;
  return ::mount("none", "/", nullptr, kFlags, nullptr) != 0 && errno == EPERM;
}

}  // namespace

bool mount_is_filtered() {
  // The kernel looks the target up before all else, and an empty path names nothing.
  return ::mount("none", "", nullptr, kFlags, nullptr) != 0 && errno != ENOENT;
}

bool landlock_forbids_mounts() {
  if (mount_is_filtered() || !sys::hide_if_root()) return false;
  const Result<pid_t> pid = sys::fork_process();
  if (!pid) return false;
  if (*pid == 0) ::_exit(may_mount_but_cannot() && is_in_a_domain() ? 0 : 1);
  sys::Process child(*pid, sys::UniqueFd());
  const Result<sys::Process::Ended> ended = child.wait();
  return ended && WIFEXITED(ended->wait_status) && WEXITSTATUS(ended->wait_status) == 0;
}

}  // namespace kelp::host
