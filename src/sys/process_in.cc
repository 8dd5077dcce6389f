// SPDX-License-Identifier: Apache-2.0
// A child born in namespaces that others have made; see clone_process_in() in process.h. A process in between
// enters them and makes it, and tells of it over a socket.
// Runs in: both.
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/oom.h"
#include "sys/pipe.h"
#include "sys/process.h"

namespace kelp::sys {
namespace {

// What is heard on the socket: who speaks, in the numbers of this process's namespace; or the child's pidfd,
// from the process that made it.
struct Heard {
  pid_t pid = 0;
  UniqueFd pidfd;
  bool is_pidfd = false;
};
constexpr char kHereAmI = 'h';
constexpr char kHereIsThePidfd = 'p';

Result<Heard> hear(int socket_fd) {
  Heard heard;
  char word = 0;
  iovec data{.iov_base = &word, .iov_len = sizeof word};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size = -1;
  do {
    size = ::recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size < 0) return failure("hear of the container's process");
  heard.is_pidfd = word == kHereIsThePidfd;
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr; head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_type == SCM_CREDENTIALS) {
      ucred who{};
      std::memcpy(&who, CMSG_DATA(head), sizeof who);
      heard.pid = who.pid;
    } else if (head->cmsg_type == SCM_RIGHTS) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(head), sizeof fd);
      heard.pidfd.reset(fd);
    }
  }
  if (size == 0 || (!heard.is_pidfd && heard.pid <= 0))
    return failure("make the container's namespaces", EINVAL);
  return heard;
}

// What the process in between failed at.
enum Stage : int { kClone = 0, kEnterUser, kEnterPid, kEnterOther, kEnterProcess, kOomScore };
struct StageFailed {
  int stage = kClone;
  int code = 0;
  std::size_t index = 0;  // of kEnterOther
};

bool is_below(const JoinedNamespaces& joined, std::uint64_t flags) {
  return joined.pid_fd >= 0 && (flags & CLONE_NEWPID) != 0;
}

void speak(int socket_fd) {
  if (::write(socket_fd, &kHereAmI, sizeof kHereAmI) != sizeof kHereAmI) ::_exit(1);
}

struct Between {
  const JoinedNamespaces& joined;
  int socket_fd;

  [[noreturn]] void fail(Stage stage, std::size_t index = 0) const {
    const StageFailed failed{.stage = stage, .code = errno, .index = index};
    [[maybe_unused]] const ssize_t written = ::write(socket_fd, &failed, sizeof failed);
    ::_exit(1);
  }

  // Those of the user namespace around us before the other one is entered, and those of that one after.
  void enter() const {
    std::vector<std::size_t> later;
    for (std::size_t i = 0; i < joined.others.size(); ++i) {
      if (::setns(joined.others[i].fd, joined.others[i].type) == 0) continue;
      if (errno != EPERM || joined.user_fd < 0) fail(kEnterOther, i);
      later.push_back(i);
    }
    // A pid namespace of ours too: it may belong to either.
    const bool has_pid =
        joined.pid_fd >= 0 && joined.user_fd >= 0 && ::setns(joined.pid_fd, CLONE_NEWPID) == 0;
    if (joined.user_fd >= 0 && ::setns(joined.user_fd, CLONE_NEWUSER) != 0) fail(kEnterUser);
    for (const std::size_t i : later) {
      if (::setns(joined.others[i].fd, joined.others[i].type) != 0) fail(kEnterOther, i);
    }
    if (!has_pid && joined.pid_fd >= 0 && ::setns(joined.pid_fd, CLONE_NEWPID) != 0) fail(kEnterPid);
    // By one call: the kernel goes by the rights in the user namespace that is entered with the others.
    if (joined.process_fd >= 0 && ::setns(joined.process_fd, joined.process_types) != 0) fail(kEnterProcess);
  }
};

// Runs in the process in between; comes back in the child only.
void clone_from_between(const JoinedNamespaces& joined, std::uint64_t flags, int socket_fd) {
  const Between between{.joined = joined, .socket_fd = socket_fd};
  const auto fail = [&](Stage stage) { between.fail(stage); };
  if (joined.oom_score) {
    if (const Status s = set_oom_score(*joined.oom_score); !s) {
      errno = s.error().code();
      fail(kOomScore);
    }
  }
  // Not for a moment may who is in these namespaces already look into a process that still has the host's
  // files. The child stays so.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) fail(kClone);
  between.enter();
  if (is_below(joined, flags)) {
    // Only who was born in a pid namespace may make one below it (copy_pid_ns() in kernel/pid_namespace.c).
    const long born = ::syscall(SYS_clone, CLONE_PARENT, nullptr, nullptr, nullptr, nullptr);
    if (born < 0) fail(kClone);
    if (born > 0) ::_exit(0);
    speak(socket_fd);
  }
  int pidfd = -1;
  const long pid =
      ::syscall(SYS_clone, flags | CLONE_PARENT | CLONE_PIDFD, nullptr, &pidfd, nullptr, nullptr);
  if (pid < 0) fail(kClone);
  if (pid == 0) return;
  // By this way: to open a pidfd by its number is what older filters refuse. Without it the caller gives up.
  (void)send_message(socket_fd, &kHereIsThePidfd, sizeof kHereIsThePidfd, pidfd);
  ::_exit(0);
}

// Waits for it.
bool ends_well(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string named(std::string_view kind, const std::string& name, int fd) {
  return name.empty() ? cat("enter the ", kind, " namespace of descriptor ", fd) : cat("enter the ", name);
}

Error explain_between(const JoinedNamespaces& joined, int socket_fd) {
  StageFailed failed{.stage = kClone, .code = EINTR};
  ssize_t size = -1;
  do {
    size = ::recv(socket_fd, &failed, sizeof failed, MSG_DONTWAIT);
  } while (size < 0 && errno == EINTR);
  if (size != static_cast<ssize_t>(sizeof failed)) failed = {.stage = kClone, .code = EINTR};
  switch (static_cast<Stage>(failed.stage)) {
    case kClone: break;
    case kEnterUser:
      return failure(named("user", joined.user_name, joined.user_fd), failed.code)
          .with_part(FailedPart::kIds, "join");
    case kEnterPid:
      return failure(named("pid", joined.pid_name, joined.pid_fd), failed.code)
          .with_part(FailedPart::kNamespaces, "pid");
    case kEnterOther:
      return failure(cat("enter the ", joined.others[failed.index].name), failed.code)
          .with_part(FailedPart::kNamespaces, joined.others[failed.index].name);
    case kEnterProcess:
      return failure("enter the container", failed.code).with_part(FailedPart::kNamespaces, "container");
    case kOomScore: return failure("set the out-of-memory score", failed.code);
  }
  return failure("make the container's namespaces", failed.code);
}

// A child that cannot be watched is none.
Error end_of(pid_t child, Error error) {
  if (child > 0) Process(child, UniqueFd());
  return error;
}

// The child, and the process that made it, in whichever order.
Result<Cloned> hear_of_child(int socket_fd) {
  Cloned child;
  UniqueFd pidfd;
  for (int i = 0; i < 2; ++i) {
    Result<Heard> heard = hear(socket_fd);
    if (!heard) return end_of(child.pid, std::move(heard.error()));
    if (heard->is_pidfd) {
      pidfd = std::move(heard->pidfd);
    } else {
      child.pid = heard->pid;
    }
  }
  // It comes without where our limit of descriptors is reached.
  if (!pidfd.valid()) return end_of(child.pid, failure("hear of the container's process", EMFILE));
  child.pidfd = std::move(pidfd);
  return child;
}

// In the cgroup from the start, by our own rights: from inside its namespaces the way there may be closed,
// and to move a process takes the kernel milliseconds.
Result<pid_t> start_between(int cgroup_fd) {
  if (cgroup_fd < 0) return fork_process();
  Result<Cloned> cloned = clone_process(0, cgroup_fd);
  if (!cloned) return std::move(cloned.error()).after("in the container's cgroup");
  return cloned->pid;
}

}  // namespace

Result<Cloned> clone_process_in(const JoinedNamespaces& joined, std::uint64_t flags) {
  Result<SocketPair> sockets = make_socket_pair();
  if (!sockets) return sockets.error();
  const int yes = 1;
  if (::setsockopt(sockets->ours.get(), SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0)
    return failure("hear of the container's process");
  const Result<pid_t> between = start_between(joined.cgroup_fd);
  if (!between) return between.error();
  if (*between == 0) {
    clone_from_between(joined, flags, sockets->theirs.get());
    reset_signal_actions();
    speak(sockets->theirs.get());
    return Cloned{};
  }
  sockets->theirs.reset();
  if (!ends_well(*between)) return explain_between(joined, sockets->ours.get());
  if (is_below(joined, flags)) {
    const Result<Heard> second = hear(sockets->ours.get());
    if (!second) return second.error();
    if (!ends_well(second->pid)) return explain_between(joined, sockets->ours.get());
  }
  return hear_of_child(sockets->ours.get());
}

}  // namespace kelp::sys
