// SPDX-License-Identifier: Apache-2.0
// intruder PID: every way into another process that needs its consent. Prints "WAY: yes" or "WAY: REASON" a
// line.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(const char* way, int worked) { printf("%s: %s\n", way, worked ? "yes" : strerror(errno)); }

static void try_file(const char* pid, const char* name, int flags) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
  const int fd = open(path, flags | O_CLOEXEC);
  // Some files are checked when they are read, not when they are opened.
  char byte;
  int worked = fd >= 0;
  if (worked && (flags & O_ACCMODE) == O_RDONLY && (flags & O_DIRECTORY) == 0) {
    errno = 0;
    worked = read(fd, &byte, 1) >= 0 || errno == EIO;  // EIO: nothing is mapped at address 0 of its memory
  }
  tell(name, worked);
  if (fd >= 0) close(fd);
}

static void try_link(const char* pid, const char* name) {
  char path[64];
  char target[4096];
  snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
  tell(name, readlink(path, target, sizeof target) >= 0);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const char* pid = argv[1];
  const pid_t number = (pid_t)strtol(pid, NULL, 10);
  for (const char* const* name = (const char* const[]){"root", "cwd", "exe", NULL}; *name; ++name)
    try_link(pid, *name);
  try_file(pid, "root", O_RDONLY | O_DIRECTORY);
  try_file(pid, "cwd", O_RDONLY | O_DIRECTORY);
  try_link(pid, "fd/1");
  try_file(pid, "exe", O_RDONLY);
  try_file(pid, "exe", O_WRONLY);
  try_file(pid, "environ", O_RDONLY);
  try_file(pid, "maps", O_RDONLY);
  try_file(pid, "mem", O_RDWR);
  try_file(pid, "ns/mnt", O_RDONLY);
  char byte;
  const struct iovec here = {.iov_base = &byte, .iov_len = 1};
  const struct iovec there = {.iov_base = (void*)(uintptr_t)main, .iov_len = 1};
  errno = 0;
  tell("process_vm_readv", process_vm_readv(number, &here, 1, &there, 1, 0) == 1 || errno == EFAULT);
  const int pidfd = (int)syscall(SYS_pidfd_open, number, 0);
  tell("pidfd_getfd", pidfd >= 0 && syscall(SYS_pidfd_getfd, pidfd, 0, 0) >= 0);
  const int is_traced = ptrace(PTRACE_ATTACH, number, NULL, NULL) == 0;
  tell("ptrace", is_traced);
  if (is_traced) {
    waitpid(number, NULL, __WALL);
    ptrace(PTRACE_DETACH, number, NULL, NULL);
  }
  return 0;
}
