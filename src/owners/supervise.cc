// SPDX-License-Identifier: Apache-2.0
// Listener → call → answer; see supervise.h.
// Runs in: child (the supervisor).
#include "owners/supervise.h"

#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>

#include "owners/answers.h"

namespace kelp::owners {
namespace {

// Since 6.6: who wakes the other runs it on its own processor, for one waits for the other anyway.
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
constexpr unsigned long kWakeHere = 1;  // SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP

// A newer kernel may tell and take more: at most a page would be a strange growth.
union Notice {
  seccomp_notif notice;
  std::array<std::byte, 4096> room;
};
union Reply {
  seccomp_notif_resp reply;
  std::array<std::byte, 4096> room;
};

// Older kernels let a reader wait for ever then; the end of PID 1 ends it.
bool is_anybody_left(int listener_fd) {
  pollfd entry{.fd = listener_fd, .events = 0, .revents = 0};
  return ::poll(&entry, 1, 0) == 0;
}

void handle(int listener_fd, const seccomp_notif& notice, Memory& memory) {
  Answer said{.goes_on = true};
  const Caller caller = caller_of(listener_fd, notice.id, static_cast<pid_t>(notice.pid));
  if (const std::optional<Call> call = read_call(notice.data)) said = answer(caller, *call, memory);
  Reply reply{};
  reply.reply.id = notice.id;
  reply.reply.error = -said.error;
  if (said.goes_on) reply.reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  leave_its_root();
  // ENOENT: the caller was killed meanwhile.
  (void)::ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

}  // namespace

void supervise(sys::UniqueFd listener, Memory memory) {
  (void)::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_SET_FLAGS, kWakeHere);
  for (;;) {
    Notice notice{};
    if (::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_RECV, &notice) == 0) {
      handle(listener.get(), notice.notice, memory);
    } else if (!is_anybody_left(listener.get())) {
      ::_exit(0);
    }  // else the caller was killed before it was heard (ENOENT)
  }
}

}  // namespace kelp::owners
