// SPDX-License-Identifier: Apache-2.0
// System call filters of this process; see seccomp.h.
// Runs in: both.
#include "sys/seccomp.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/failure.h"

namespace kelp::sys {
namespace {

static_assert(sizeof(sock_filter) == kFilterInstructionSize);

long add(const sock_fprog& program, std::uint32_t flags) {
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

// Whether the kernel has filters at all: it looks at the pointer only where it has.
bool has_filters() {
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, nullptr) != 0 && errno == EFAULT;
}

}  // namespace

Status install_filter(const void* instructions, std::size_t count, std::uint32_t flags) {
  // The kernel only reads them.
  const sock_fprog program{.len = static_cast<unsigned short>(count),
                           .filter = static_cast<sock_filter*>(const_cast<void*>(instructions))};
  if (add(program, flags) == 0) return {};
  return filter_failure(errno);
}

Result<UniqueFd> install_notifying_filter(const void* instructions, std::size_t count, std::uint32_t flags) {
  const sock_fprog program{.len = static_cast<unsigned short>(count),
                           .filter = static_cast<sock_filter*>(const_cast<void*>(instructions))};
  // Of one thread there is nothing to synchronize, and the kernel takes no listener beside it.
  flags = (flags | SECCOMP_FILTER_FLAG_NEW_LISTENER) & ~std::uint32_t{SECCOMP_FILTER_FLAG_TSYNC};
  long fd = add(program, flags);
  // Since 5.19 a signal does not make a call begin again that somebody is answering.
  if (fd < 0 && errno == EINVAL)
    fd = add(program, flags & ~std::uint32_t{SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV});
  if (fd >= 0) return UniqueFd(static_cast<int>(fd));
  if (errno == EBUSY) {
    return Error("hear of the command's system calls",
                 "a program around kelp does already, and the kernel allows one such listener in a tree of "
                 "processes (seccomp_unotify(2))")
        .with_code(EBUSY);
  }
  return filter_failure(errno);
}

Error filter_failure(int code) {
  const char* const action = "install the system call filter";
  if (code == ENOSYS || (code == EINVAL && !has_filters())) {
    return Error(action,
                 "the kernel lets nobody have one here (CONFIG_SECCOMP_FILTER, or a filter around kelp)")
        .with_code(code);
  }
  if (code == ENOMEM)
    return Error(action, "this and those around it are too long for the kernel").with_code(code);
  return failure(action, code);
}

}  // namespace kelp::sys
