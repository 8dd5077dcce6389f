// SPDX-License-Identifier: Apache-2.0
// Processes as owned things: clone3 with a pidfd, helpers started by fork and exec, waiting.
// Runs in: both.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/unique_fd.h"

namespace kelp::sys {

// A child of ours. As long as it has not been waited for its pid cannot be given to another process, so the
// pid is as safe as the pidfd. Destroying a Process that was not waited for kills it and waits.
class Process {
 public:
  Process(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}
  Process& operator=(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  pid_t pid() const noexcept { return pid_; }
  int pidfd() const noexcept { return pidfd_.get(); }

  // Sends a signal; a process that has ended already is no error.
  void signal(int number) const noexcept;

  struct Ended {
    int wait_status = 0;  // as waitpid(2) gives it
    rusage usage{};       // of the process and of all that it waited for
  };
  // Lets it go on alone: it is neither killed nor waited for. Gives its pidfd.
  UniqueFd release() noexcept {
    pid_ = -1;
    return std::move(pidfd_);
  }
  // Waits until it has ended.
  Result<Ended> wait();

 private:
  pid_t pid_ = -1;
  UniqueFd pidfd_;
};

// The files of namespaces(7) in /proc/PID/ns, and their inode numbers; 0: cannot be known.
inline constexpr std::array<const char*, 7> kNamespaceFiles = {"cgroup", "ipc", "mnt", "net",
                                                               "pid",    "uts", "user"};
inline constexpr std::size_t kUserNamespaceFile = 6;
using NamespaceNumbers = std::array<std::uint64_t, kNamespaceFiles.size()>;
NamespaceNumbers namespaces_in(const std::string& proc_directory);

// Of this process, to whoever may not look into it, and what such a process tells.
Status tell_namespaces(int fd);
Result<NamespaceNumbers> hear_namespaces(int fd);

// Root without capabilities, in some other container, owns root's new user namespace as much as we do: it
// could look into a process in there that still has the host's files. As root alone we need not allow that:
// this process, and with it what it starts from now on, becomes non-dumpable, whose files in /proc are
// root's, the id maps among them.
Status hide_if_root();
// Whether hide_if_root() hides this process.
bool is_root();

// clone3(2) without shared memory, with a pidfd and SIGCHLD. `flags` are CLONE_NEW*. The child has the
// default action for every signal.
struct Cloned {
  pid_t pid = 0;  // 0: this is the child
  UniqueFd pidfd;
};
// cgroup_fd: the cgroup v2 that the child is in from the start (5.7); -1: ours.
Result<Cloned> clone_process(std::uint64_t flags, int cgroup_fd = -1);
struct NamespaceToJoin {
  int fd = -1;
  int type = 0;      // CLONE_NEW*
  std::string name;  // "network namespace /run/netns/blue"
};
// Namespaces that a child is to be born in; -1: ours.
struct JoinedNamespaces {
  int user_fd = -1;
  int pid_fd = -1;
  std::string user_name = {}, pid_name = {};  // for messages; empty: by descriptor
  // Each before the user namespace is entered, where that is allowed, else after it.
  std::vector<NamespaceToJoin> others = {};
  int process_fd = -1;                // a pidfd; those of that process
  int process_types = 0;              // CLONE_NEW*
  int cgroup_fd = -1;                 // the child is born in this cgroup v2
  std::optional<int> oom_score = {};  // of the child; inside there may be no /proc to trust

  bool any() const { return user_fd >= 0 || pid_fd >= 0 || process_fd >= 0 || !others.empty(); }
};
// The same in other namespaces. A short-lived process enters them in between, and the child is the caller's
// all the same: whoever is root in that user namespace may look into all that is in it, so the caller itself
// never is, and the child is not dumpable (so it is of whoever owns the user namespace of a process in a pid
// namespace that is joined); and the kernel makes no pid namespace below another for a process that is not in
// there itself. An error of the entering has its part: ids "join" or namespaces "pid".
Result<Cloned> clone_process_in(const JoinedNamespaces& joined, std::uint64_t flags);

// In a child. kelp has no handlers; what the caller ignores must not be ignored by the command (nohup,
// background jobs, a parent in Python that ignores SIGPIPE). CLONE_CLEAR_SIGHAND would leave exactly those
// (clone(2)).
void reset_signal_actions();

// fork(2); 0 in the child.
Result<pid_t> fork_process();

// Starts argv[0] (a path) with stdin from /dev/null, stdout and stderr into output_fd, and the environment
// PATH and nothing else: for newuidmap and its like.
Result<Process> start_program(const std::vector<std::string>& argv, int output_fd);

// Whether the pidfd's process has ended, without waiting for it.
bool has_ended(int pidfd) noexcept;

}  // namespace kelp::sys
