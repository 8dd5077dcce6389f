// SPDX-License-Identifier: Apache-2.0
// What closes descriptors where close_range(2) is refused: by a list that is ours, or number by number, but
// never by a list that is not ours.
#include "sys/descriptors.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <functional>

#include "harness/harness.h"

namespace kelp::sys {
namespace {

using harness::TempDir;

constexpr int kKept = 100;
constexpr std::array kOthers = {3, 99, 101, 700};
constexpr rlim_t kLimit = 1024;

// As a container's filter that is older than the call.
bool refuse_close_range() {
  std::array<sock_filter, 4> code = {{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                                      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
                                      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                                      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}};
  const sock_fprog program = {.len = code.size(), .filter = code.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 &&
         syscall(SYS_close_range, 5000, 5000, 0) != 0 && errno == ENOSYS;
}

bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

// By stat(2): access(2) would look without the rights that the list of another process takes.
bool is_there(const char* path) {
  struct stat info{};
  return stat(path, &info) == 0;
}

// What the functions make of kOthers; the name of the step that failed, or null.
const char* look_at_both() {
  for (const int fd : kOthers) dup2(0, fd);
  dup2(0, kKept);
  if (!refuse_close_range()) return "filter";
  if (!keep_over_exec({kKept})) return "keep_over_exec";
  for (const int fd : kOthers)
    if (fcntl(fd, F_GETFD) != FD_CLOEXEC) return "a descriptor would be inherited";
  if (fcntl(kKept, F_GETFD) != 0) return "the kept one would not be inherited";
  close_all_but({0, 1, 2, kKept});
  for (const int fd : kOthers)
    if (is_open(fd)) return "a descriptor is open";
  for (const int fd : {0, 1, 2, kKept})
    if (!is_open(fd)) return "a kept one is closed";
  return nullptr;
}

int wait_for(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

// In the child of a process that has none of the descriptors, with `enter` before.
void expect_closed(const std::function<bool()>& enter, bool own_mounts = false) {
  const rlimit limit = {.rlim_cur = kLimit, .rlim_max = kLimit};
  setrlimit(RLIMIT_NOFILE, &limit);
  const pid_t outer = fork();
  if (outer == 0) {
    if (own_mounts && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) _exit(2);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // else nobody may look at its list
    const pid_t inner = fork();
    if (inner != 0) _exit(wait_for(inner));
    const char* failed = enter() ? look_at_both() : "enter";
    if (failed != nullptr) dprintf(2, "%s\n", failed);
    _exit(failed == nullptr ? 0 : 1);
  }
  EXPECT_EQ(wait_for(outer), 0);
}

TEST(Descriptors, GoByTheListOfTheProcess) {
  expect_closed([] { return true; });
}

TEST(Descriptors, GoWithoutAList) {
  const TempDir place;
  expect_closed([&] { return chroot(place.path().c_str()) == 0; }, true);
}

TEST(Descriptors, GoWhateverAListOfTheRootsOwnSays) {
  const TempDir place;
  place.file("proc/self/fd/0");
  expect_closed([&] { return chroot(place.path().c_str()) == 0; }, true);
}

TEST(Descriptors, GoWhateverTheListOfAnotherProcessSays) {
  const TempDir place;
  place.dir("real");
  place.dir("proc");
  place.link("proc/self", "../other");
  expect_closed(
      [&] {
        const std::string real = place.path() + "/real";
        const std::string other = "real/" + std::to_string(getppid());
        return mount("/proc", real.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0 &&
               symlink(other.c_str(), (place.path() + "/other").c_str()) == 0 &&
               chroot(place.path().c_str()) == 0 && is_there("/proc/self/fd/0");
      },
      true);
}

}  // namespace
}  // namespace kelp::sys
