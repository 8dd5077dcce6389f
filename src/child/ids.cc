// SPDX-License-Identifier: Apache-2.0
// The ids that set-up runs as, and the promise to die with the parent.
// Runs in: child.
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <variant>

#include "base/text.h"
#include "child/context.h"
#include "sys/caps.h"
#include "sys/failure.h"

namespace kelp::child {

Status perform(const plan::TakeIds& step, Context& context) {
  // Single system calls instead of glibc's wrappers, which would tell all threads: there is one.
  if (step.drop_groups && ::syscall(SYS_setgroups, 0, nullptr) != 0)
    return sys::failure("drop the caller's groups");
  if (step.drop_groups && ::getgroups(0, nullptr) != 0)
    return sys::only_pretended("drop the caller's groups");
  if (step.keep_rights && ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
    return sys::failure("keep the capabilities over the change of user");
  if (step.group && ::syscall(SYS_setresgid, *step.group, *step.group, *step.group) != 0) {
    return sys::failure(cat("become group ", *step.group));
  }
  if (step.user && ::syscall(SYS_setresuid, *step.user, *step.user, *step.user) != 0) {
    return sys::failure(cat("become user ", *step.user));
  }
  if (step.group && ::getgid() != *step.group) return sys::only_pretended(cat("become group ", *step.group));
  if (step.user && ::getuid() != *step.user) return sys::only_pretended(cat("become user ", *step.user));
  if (step.keep_rights) {
    if (Status s = sys::use_permitted_capabilities(); !s) return s;
  }
  // A change of ids makes a process non-dumpable. That comes with the pivot: libmount heeds no environment
  // until then (see sys/mounts.cc), and files of our own in /proc would belong to the machine's root.
  if ((step.user || step.group) && !context.is_hidden && ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) {
    return sys::failure("stay dumpable for the set-up");
  }
  return tie_to_parent(context);
}

Status tie_to_parent(const Context& context) {
  const bool is_wanted = std::ranges::any_of(context.plan.child, [](const plan::Step& step) {
    const auto* ids = std::get_if<plan::TakeIds>(&step.what);
    return ids != nullptr && ids->die_with_parent;
  });
  if (!is_wanted) return {};
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return sys::failure("tie the container to kelp's life");
  // The parent may have ended just before. Its end of the pipe tells; getppid() is 0 in a new pid namespace.
  pollfd go{.fd = context.channels.go.get(), .events = 0, .revents = 0};
  while (::poll(&go, 1, 0) < 0) {
    if (errno != EINTR) return sys::failure("ask whether kelp still lives");
  }
  if ((go.revents & (POLLHUP | POLLERR)) != 0) ::_exit(kExitCannotStart);
  return {};
}

}  // namespace kelp::child
