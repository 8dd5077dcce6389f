// SPDX-License-Identifier: Apache-2.0
// What the kernel really gives here; see trial.h.
// Runs in: parent, and the throw-away child below.
#include "host/trial.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/text.h"
#include "sys/files.h"
#include "sys/pipe.h"
#include "sys/process.h"

namespace kelp::host {
namespace {

// Small enough that a write to a pipe cannot be torn.
struct Told {
  int step = 0;
  int code = 0;
};

int code_of(int result) { return result == 0 ? 0 : errno; }
int code_of(const Status& status) { return status ? 0 : status.error().code(); }

int map_own_id(uid_t uid, gid_t gid) {
  // Missing before 3.19, when it was not needed either.
  const int code = code_of(sys::write_file("/proc/self/setgroups", "deny"));
  if (code != 0 && code != ENOENT) return code;
  if (const int failed = code_of(sys::write_file("/proc/self/uid_map", cat("0 ", uid, " 1\n")));
      failed != 0) {
    return failed;
  }
  return code_of(sys::write_file("/proc/self/gid_map", cat("0 ", gid, " 1\n")));
}

// All of it happens in a tmpfs over /tmp (which every system has) of our own mount namespace.
int enter_scratch() {
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return errno;
  if (::mount("kelp", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700,size=1m") != 0) return errno;
  return code_of(::chdir("/tmp"));
}

// With the flags of a start: where the outer one is read-only, the kernel gives a new one only read-only.
int try_mount(const char* type, unsigned long flags, const char* options = nullptr) {
  if (::mkdir(type, 0700) != 0 && errno != EEXIST) return errno;
  return code_of(::mount(type, type, type, flags | MS_NOSUID | MS_NODEV | MS_NOEXEC, options));
}

// A removed directory that is made again needs an opaque mark: on an upper layer without `user.*` attributes
// the mount succeeds and this fails.
int try_overlay() {
  for (const char* directory : {"lower", "lower/d", "upper", "work", "merged"}) {
    if (::mkdir(directory, 0700) != 0) return errno;
  }
  if (::mount("overlay", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work,userxattr") !=
      0) {
    return errno;
  }
  if (::rmdir("merged/d") != 0) return errno;
  return code_of(::mkdir("merged/d", 0700));
}

// A new proc shows the pid namespace of the process that mounts it, which the unsharing one has not entered.
int try_proc(Extent extent) {
  const pid_t pid = ::fork();
  if (pid < 0) return errno;
  if (pid == 0) {
    int code = try_mount("proc", 0);
    if (code == EPERM && extent == Extent::kLadder) code = try_mount("proc", 0, "subset=pid");
    ::_exit(code & 0xFF);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

// In the throw-away child. Steps that all later ones need end it when they fail.
void play(int report_fd, Extent extent) {
  const auto tell = [&](Failed what, int code) {
    const Told told{.step = static_cast<int>(what), .code = code};
    return ::write(report_fd, &told, sizeof told) == sizeof told && code == 0;
  };
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  if (!tell(Failed::kClone, code_of(::unshare(CLONE_NEWUSER)))) return;
  if (!tell(Failed::kIdMap, map_own_id(uid, gid))) return;
  int others = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
  // The dearest of them, and nobody asks for it by default.
  if (extent == Extent::kWhole) others |= CLONE_NEWNET;
  if (!tell(Failed::kNamespaces, code_of(::unshare(others)))) return;
  if (!tell(Failed::kFirstMount, enter_scratch())) return;
  if (extent == Extent::kLadder) {
    tell(Failed::kProc, try_proc(extent));
    return;
  }
  tell(Failed::kCgroupMount, try_mount("cgroup2", MS_RDONLY));
  tell(Failed::kSysfs, try_mount("sysfs", MS_RDONLY));
  tell(Failed::kOverlay, try_overlay());
  tell(Failed::kProc, try_proc(extent));
}

}  // namespace

std::optional<int> Trial::outcome(Failed what) const {
  const auto* const found = std::ranges::find(kTried, what);
  return found == kTried.end() ? std::nullopt : outcomes_[static_cast<std::size_t>(found - kTried.begin())];
}

void Trial::set(Failed what, int code) {
  const auto* const found = std::ranges::find(kTried, what);
  if (found != kTried.end()) outcomes_[static_cast<std::size_t>(found - kTried.begin())] = code;
}

Result<Trial> try_namespaces(Extent extent) {
  Result<sys::Pipe> report = sys::make_pipe();
  if (!report) return report.error();
  if (Status s = sys::hide_if_root(); !s) return s.error();
  Result<pid_t> pid = sys::fork_process();
  if (!pid) return pid.error();
  if (*pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    play(report->write_end.get(), extent);
    ::_exit(0);
  }
  sys::Process child(*pid, sys::UniqueFd());
  report->write_end.reset();
  const Result<std::string> bytes = sys::read_all(report->read_end.get(), 4096, "the report of the trial");
  if (const Result<sys::Process::Ended> ended = child.wait(); !ended) return ended.error();
  if (!bytes) return bytes.error();
  Trial trial;
  for (std::size_t at = 0; at + sizeof(Told) <= bytes->size(); at += sizeof(Told)) {
    Told told;
    std::memcpy(&told, bytes->data() + at, sizeof told);
    trial.set(static_cast<Failed>(told.step), told.code);
  }
  return trial;
}

}  // namespace kelp::host
