// SPDX-License-Identifier: Apache-2.0
// The table of names.
#include "system_calls.h"

#include <asm/unistd.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <termios.h>

#include <array>

namespace kelp::faults {
namespace {

struct Named {
  std::uint64_t number;
  const char* name;
};

#define KELP_CALL(name) \
  Named { __NR_##name, #name }
constexpr std::array kCalls = {
    KELP_CALL(capget),
    KELP_CALL(capset),
    KELP_CALL(chdir),
    KELP_CALL(clone),
    KELP_CALL(clone3),
    KELP_CALL(close),
    KELP_CALL(close_range),
    KELP_CALL(dup3),
    KELP_CALL(execve),
    KELP_CALL(execveat),
    KELP_CALL(exit_group),
    KELP_CALL(faccessat),
    KELP_CALL(faccessat2),
    KELP_CALL(fchdir),
    KELP_CALL(fchmod),
    KELP_CALL(fchown),
    KELP_CALL(fcntl),
    KELP_CALL(fsconfig),
    KELP_CALL(fsmount),
    KELP_CALL(fsopen),
    KELP_CALL(fspick),
    KELP_CALL(fstat),
    KELP_CALL(flock),
    KELP_CALL(fstatfs),
    KELP_CALL(futex),
    KELP_CALL(getcwd),
    KELP_CALL(getdents64),
    KELP_CALL(getegid),
    KELP_CALL(geteuid),
    KELP_CALL(getgid),
    KELP_CALL(getgroups),
    KELP_CALL(getpgid),
    KELP_CALL(getpid),
    KELP_CALL(getrandom),
    KELP_CALL(getsid),
    KELP_CALL(gettid),
    KELP_CALL(getuid),
    KELP_CALL(getxattr),
    KELP_CALL(getppid),
    KELP_CALL(ioctl),
    KELP_CALL(keyctl),
    KELP_CALL(kill),
    KELP_CALL(landlock_add_rule),
    KELP_CALL(landlock_create_ruleset),
    KELP_CALL(landlock_restrict_self),
    KELP_CALL(lseek),
    KELP_CALL(madvise),
    KELP_CALL(memfd_create),
    KELP_CALL(mkdirat),
    KELP_CALL(mmap),
    KELP_CALL(mount),
    KELP_CALL(mount_setattr),
    KELP_CALL(move_mount),
    KELP_CALL(mprotect),
    KELP_CALL(mremap),
    KELP_CALL(munmap),
    KELP_CALL(open_tree),
    KELP_CALL(openat),
    KELP_CALL(openat2),
    KELP_CALL(pidfd_open),
    KELP_CALL(pipe2),
    KELP_CALL(pivot_root),
    KELP_CALL(ppoll),
    KELP_CALL(prctl),
    KELP_CALL(pread64),
    KELP_CALL(prlimit64),
    KELP_CALL(pwritev2),
    KELP_CALL(read),
    KELP_CALL(readlinkat),
    KELP_CALL(recvmsg),
    KELP_CALL(rt_sigaction),
    KELP_CALL(rt_sigprocmask),
    KELP_CALL(rt_sigtimedwait),
    KELP_CALL(seccomp),
    KELP_CALL(sendmsg),
    KELP_CALL(set_robust_list),
    KELP_CALL(sethostname),
    KELP_CALL(setns),
    KELP_CALL(setpgid),
    KELP_CALL(setresgid),
    KELP_CALL(setresuid),
    KELP_CALL(setsid),
    KELP_CALL(setgroups),
    KELP_CALL(setdomainname),
    KELP_CALL(signalfd4),
    KELP_CALL(socket),
    KELP_CALL(socketpair),
    KELP_CALL(statfs),
    KELP_CALL(statx),
    KELP_CALL(symlinkat),
    KELP_CALL(umask),
    KELP_CALL(umount2),
    KELP_CALL(uname),
    KELP_CALL(unlinkat),
    KELP_CALL(unshare),
    KELP_CALL(wait4),
    KELP_CALL(waitid),
    KELP_CALL(write),
    KELP_CALL(brk),
#ifdef __x86_64__  // calls that newer architectures never had
    KELP_CALL(access),
    KELP_CALL(dup2),
    KELP_CALL(fork),
    KELP_CALL(poll),
    KELP_CALL(readlink),
    KELP_CALL(stat),
    KELP_CALL(lstat),
    KELP_CALL(vfork),
    KELP_CALL(getpgrp),
    KELP_CALL(newfstatat),
    KELP_CALL(mkdir),
    KELP_CALL(rmdir),
#endif
};
#undef KELP_CALL

#define KELP_OPERATION(name) \
  Named { name, #name }
constexpr std::array kPrctl = {
    KELP_OPERATION(PR_CAPBSET_READ),     KELP_OPERATION(PR_CAPBSET_DROP),
    KELP_OPERATION(PR_SET_SECUREBITS),   KELP_OPERATION(PR_GET_SECUREBITS),
    KELP_OPERATION(PR_CAP_AMBIENT),      KELP_OPERATION(PR_SET_DUMPABLE),
    KELP_OPERATION(PR_SET_NO_NEW_PRIVS), KELP_OPERATION(PR_GET_NO_NEW_PRIVS),
    KELP_OPERATION(PR_SET_KEEPCAPS),     KELP_OPERATION(PR_SET_PDEATHSIG),
    KELP_OPERATION(PR_SET_NAME),         KELP_OPERATION(PR_GET_DUMPABLE),
};
constexpr std::array kFcntl = {KELP_OPERATION(F_GETFD), KELP_OPERATION(F_GETFL),
                               KELP_OPERATION(F_SETFD), KELP_OPERATION(F_DUPFD_CLOEXEC),
                               KELP_OPERATION(F_SETFL), KELP_OPERATION(F_ADD_SEALS)};
constexpr std::array kIoctl = {
    KELP_OPERATION(TCGETS),     KELP_OPERATION(TCSETS),     KELP_OPERATION(TIOCGWINSZ),
    KELP_OPERATION(TIOCSWINSZ), KELP_OPERATION(TIOCGPGRP),  KELP_OPERATION(TIOCSPGRP),
    KELP_OPERATION(TIOCSCTTY),  KELP_OPERATION(TIOCSPTLCK), KELP_OPERATION(TIOCGPTPEER),
};
#undef KELP_OPERATION

template <typename Table>
std::string operation(const char* call, const Table& table, std::uint64_t wanted) {
  for (const Named& row : table)
    if (row.number == wanted) return std::string(call) + "(" + row.name + ")";
  return std::string(call) + "(" + std::to_string(wanted) + ")";
}

}  // namespace

std::string name_of(std::uint64_t number, const std::uint64_t (&arguments)[6]) {
  if (number == __NR_prctl) return operation("prctl", kPrctl, arguments[0]);
  if (number == __NR_fcntl) return operation("fcntl", kFcntl, arguments[1]);
  if (number == __NR_ioctl) return operation("ioctl", kIoctl, arguments[1]);
  if (number == __NR_newfstatat && (arguments[3] & AT_EMPTY_PATH) != 0) return "fstat";
  for (const Named& row : kCalls)
    if (row.number == number) return row.name;
  return "number " + std::to_string(number);
}

}  // namespace kelp::faults
