// SPDX-License-Identifier: Apache-2.0
// The tables. A row without a good reason is a bug of kelp that was filed in the wrong place.
#include "expectations.h"

#include <array>
#include <cerrno>

namespace kelp::faults {
namespace {

struct ErrnoRow {
  std::string_view name;
  int code;
};

constexpr std::array kPlausible = {
    ErrnoRow{"openat", EMFILE},       ErrnoRow{"openat2", EMFILE},        ErrnoRow{"pipe2", EMFILE},
    ErrnoRow{"socketpair", EMFILE},   ErrnoRow{"socket", EMFILE},         ErrnoRow{"signalfd4", EMFILE},
    ErrnoRow{"open_tree", EMFILE},    ErrnoRow{"fsopen", EMFILE},         ErrnoRow{"fsmount", EMFILE},
    ErrnoRow{"mount", ENOMEM},        ErrnoRow{"move_mount", ENOMEM},     ErrnoRow{"mkdirat", ENOSPC},
    ErrnoRow{"symlinkat", ENOSPC},    ErrnoRow{"write", ENOSPC},          ErrnoRow{"clone", EAGAIN},
    ErrnoRow{"clone3", ENOSPC},       ErrnoRow{"newfstatat", ENOMEM},     ErrnoRow{"statx", ENOMEM},
    ErrnoRow{"fstat", ENOMEM},        ErrnoRow{"poll", ENOMEM},           ErrnoRow{"ppoll", ENOMEM},
    ErrnoRow{"keyctl", EDQUOT},       ErrnoRow{"capset", EPERM},          ErrnoRow{"setsid", EPERM},
    ErrnoRow{"setpgid", EPERM},       ErrnoRow{"setresuid", EAGAIN},      ErrnoRow{"setresgid", EPERM},
    ErrnoRow{"setgroups", EPERM},     ErrnoRow{"mount_setattr", EPERM},   ErrnoRow{"pivot_root", EPERM},
    ErrnoRow{"umount2", EPERM},       ErrnoRow{"sethostname", EPERM},     ErrnoRow{"prlimit64", EPERM},
    ErrnoRow{"prctl", EPERM},         ErrnoRow{"access", EACCES},         ErrnoRow{"fcntl", EBADF},
    ErrnoRow{"ioctl", EPERM},         ErrnoRow{"chdir", EACCES},          ErrnoRow{"fchdir", EACCES},
    ErrnoRow{"wait4", EINTR},         ErrnoRow{"rt_sigtimedwait", EINTR}, ErrnoRow{"execveat", ENOMEM},
    ErrnoRow{"memfd_create", EMFILE}, ErrnoRow{"seccomp", EPERM},         ErrnoRow{"unlinkat", EBUSY},
    ErrnoRow{"unshare", ENOSPC},
};

constexpr std::array kSurvived = {
    ErrnoRow{"openat", EINTR},          ErrnoRow{"openat2", EAGAIN}, ErrnoRow{"read", EINTR},
    ErrnoRow{"write", EINTR},           ErrnoRow{"poll", EINTR},     ErrnoRow{"wait4", EINTR},
    ErrnoRow{"sendmsg", EINTR},         ErrnoRow{"recvmsg", EINTR},  ErrnoRow{"close_range", ENOSYS},
    ErrnoRow{"rt_sigtimedwait", EINTR}, ErrnoRow{"clone3", ENOSYS},  ErrnoRow{"keyctl", ENOSYS},
};

// Nothing can be wrong with their arguments, and they ask for no resource. Of a terminal that is not our own,
// which TIOCGPGRP refuses, nothing is set.
constexpr std::string_view kCannotFail[] = {
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
    "getpid",
    "getppid",
    "gettid",
    "getsid",
    "getpgrp",
    "umask",
    "brk",
    "munmap",
    "rt_sigprocmask",
    "rt_sigaction",
    "exit_group",
    "set_robust_list",
    "fcntl(F_GETFD)",
    "fcntl(F_GETFL)",
    "ioctl(TIOCGPGRP)",
    "prctl(PR_GET_NO_NEW_PRIVS)",
    "prctl(PR_GET_DUMPABLE)",
};

struct Row {
  int who;
  std::string_view name;
  int occurrence;  // 0: each
  End end;
  const char* why;
};

constexpr std::array kRows = {
    Row{kInit, "prctl(PR_SET_NAME)", 0, End::kUnchanged, "a name for ps(1)"},
    Row{kAnyone, "close", 0, End::kUnchanged, "the descriptor is closed whatever close(2) answers"},
    Row{kAnyone, "close_range", 0, End::kUnchanged, "each descriptor is closed by itself instead"},
    Row{kAnyone, "fcntl(F_SETFD)", 0, End::kUnchanged,
        "the fallback of close_range, on a number that is closed by then"},
    Row{kAnyone, "capget", 0, End::kUnchanged, "libcap asks which version of capset the kernel knows"},
    Row{kAnyone, "prctl(PR_CAPBSET_READ)", 0, End::kUnchanged, "libcap asks which capabilities there are"},
    Row{kAnyone, "access", 0, End::kUnchanged,
        "libmount looks for its utab; exec tells what access does not"},
    Row{kAnyone, "futex", 0, End::kUnchanged, "wakes threads that there are none of"},
    Row{kAnyone, "mmap", 0, End::kUnchanged, "the allocator asks another way"},
    Row{kAnyone, "madvise", 0, End::kUnchanged, "advice"},
    Row{kAnyone, "getrandom", 0, End::kUnchanged, "the allocator's own tag"},
    Row{kAnyone, "ioctl(TCGETS)", 0, End::kUnchanged,
        "asks whether a descriptor is a terminal, whose looks are a courtesy"},
    Row{kParent, "getcwd", 0, End::kUnchanged, "a start that shares no directory by its name needs none"},
    Row{kParent, "prlimit64", 1, End::kRefused, "the limit has to be raised, and given back to the command"},
    Row{kParent, "prlimit64", 0, End::kUnchanged,
        "posix_spawn asks whether a descriptor's number is possible"},
    Row{kParent, "ioctl(TIOCGWINSZ)", 0, End::kUnchanged, "how the caller's terminal looks is a courtesy"},
    Row{kInit, "ioctl(TCSETS)", 0, End::kUnchanged, "how the caller's terminal looks is a courtesy"},
    Row{kInit, "ioctl(TIOCSWINSZ)", 0, End::kUnchanged, "how the caller's terminal looks is a courtesy"},
    Row{kParent, "read", 0, End::kUnchanged,
        "a helper's exit status tells as well; a signal is read the next time"},
    Row{kParent, "wait4", 0, End::kUnchanged, "it waits again"},
    Row{kParent, "pidfd_open", 0, End::kUnchanged, "a helper is waited for by its number"},
    Row{kParent, "recvmsg", 0, End::kUnchanged, "the exit status of PID 1 says the same as its message"},
    Row{kInit, "keyctl", 0, End::kUnchanged, "the default filter leaves no way to any key"},
    Row{kInit, "read", 1, End::kRefused, "before the parent says \"go\" there are no ids"},
    Row{kInit, "read", 0, End::kUnchanged, "libmount looks for the cause of a mount that failed"},
    Row{kInit, "newfstatat", 0, End::kUnchanged,
        "is a dangling link in the way? Making it (O_EXCL) tells as well"},
    Row{kInit, "readlinkat", 0, End::kUnchanged, "is the link there already? Making it tells as well"},
    Row{kInit, "rt_sigtimedwait", 0, End::kUnchanged, "it waits again"},
    Row{kInit, "wait4", 0, End::kUnchanged, "it waits again"},
    Row{kInit, "sendmsg", 0, End::kUnchanged, "the exit status of PID 1 says the same as its message"},
};

template <typename Rows>
int look_up(const Rows& rows, const std::string& name) {
  for (const ErrnoRow& row : rows)
    if (row.name == name || row.name == name.substr(0, name.find('('))) return row.code;
  return 0;
}

}  // namespace

int plausible_errno(const std::string& name) {
  const int code = look_up(kPlausible, name);
  return code != 0 ? code : EIO;
}

int errno_to_survive(const std::string& name) { return look_up(kSurvived, name); }

Expectation expected(const Call& call) {
  for (const Row& row : kRows) {
    if ((row.who == kAnyone || row.who == call.who) && row.name == call.name &&
        (row.occurrence == 0 || row.occurrence == call.occurrence)) {
      return {.end = row.end, .why = row.why};
    }
  }
  return {};
}

bool cannot_fail(const std::string& name) {
  for (const std::string_view row : kCannotFail)
    if (row == name) return true;
  return false;
}

}  // namespace kelp::faults
