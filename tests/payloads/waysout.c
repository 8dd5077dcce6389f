// SPDX-License-Identifier: Apache-2.0
// waysout victim DIR: what a container must not reach: a file, a listener at a path and an abstract one,
// shared memory, and the process itself. Prints "ready" and waits to be ended. waysout try PID DIR: tries
// every way to all of that, and to more rights. Prints "WAY: yes" or "WAY: REASON" a line.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

enum { kKey = 0x6b656c70, kSize = 4096, kName = 200 };

static void tell(const char* way, int worked) { printf("%s: %s\n", way, worked ? "yes" : strerror(errno)); }

static const char* in(const char* directory, const char* name) {
  static char path[kName];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  return path;
}

static socklen_t address_of(struct sockaddr_un* address, const char* path, int is_abstract) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  strncpy(address->sun_path + is_abstract, path, sizeof address->sun_path - 2);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
}

static int listener(const char* path, int is_abstract) {
  struct sockaddr_un address;
  const socklen_t size = address_of(&address, path, is_abstract);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return fd < 0 || bind(fd, (struct sockaddr*)&address, size) != 0 || listen(fd, 9) != 0;
}

static int connects(const char* path, int is_abstract) {
  struct sockaddr_un address;
  const socklen_t size = address_of(&address, path, is_abstract);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return fd >= 0 && connect(fd, (struct sockaddr*)&address, size) == 0;
}

static int be_victim(const char* directory) {
  const int fd = open(in(directory, "secret"), O_CREAT | O_WRONLY, 0600);
  if (fd < 0 || write(fd, "secret", 6) != 6) return 1;
  if (listener(in(directory, "socket"), 0) || listener(directory, 1)) return 1;
  if (shmget(kKey, kSize, IPC_CREAT | 0600) < 0) return 1;
  puts("ready");
  fflush(stdout);
  pause();
  return 0;
}

static void try_files(const char* directory) {
  const char* const secret = in(directory, "secret");
  tell("read", open(secret, O_RDONLY) >= 0);
  tell("write", open(secret, O_WRONLY) >= 0);
  tell("truncate", truncate(secret, 3) == 0);
  tell("make", mkdir(in(directory, "made"), 0700) == 0);
  tell("mode", chmod(in(directory, "secret"), 0600) == 0);
  tell("connect", connects(in(directory, "socket"), 0));
  tell("abstract", connects(directory, 1));
}

static void try_proc(const char* pid, const char* name, int flags) {
  char path[kName];
  snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
  char byte;
  const int fd = open(path, flags);
  // Some files are checked when they are read, not when they are opened.
  int worked = fd >= 0;
  if (worked && (flags & O_DIRECTORY) == 0) worked = read(fd, &byte, 1) >= 0;
  snprintf(path, sizeof path, "proc %s", name);
  tell(path, worked);
}

static void try_process(const char* text) {
  const pid_t pid = (pid_t)atoi(text);
  struct rlimit limit;
  tell("signal", kill(pid, 0) == 0);
  tell("limit", prlimit(pid, RLIMIT_CORE, NULL, &limit) == 0 && prlimit(pid, RLIMIT_CORE, &limit, NULL) == 0);
  tell("trace", ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0);
  char byte;
  struct iovec here = {&byte, 1};
  struct iovec there = {(void*)0x400000, 1};
  errno = 0;
  tell("memory", process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT);
  const int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
  tell("descriptor", syscall(SYS_pidfd_getfd, pidfd, 0, 0) >= 0);
  tell("namespace", setns(pidfd, CLONE_NEWNS) == 0);
  try_proc(text, "root", O_RDONLY | O_DIRECTORY);
  try_proc(text, "cwd", O_RDONLY | O_DIRECTORY);
  try_proc(text, "environ", O_RDONLY);
  try_proc(text, "maps", O_RDONLY);
  tell("shared memory", shmat(shmget(kKey, kSize, 0600), NULL, 0) != (void*)-1);
}

static void try_rights(void) {
  tell("user namespace", unshare(CLONE_NEWUSER) == 0);
  tell("mount namespace", unshare(CLONE_NEWNS) == 0);
  tell("mount", mount("none", "/", "tmpfs", 0, NULL) == 0);
  tell("chroot", chroot(".") == 0);
  mkdir("/tmp/waysout", 0700);
  tell("device", mknod("/tmp/waysout/disk", S_IFBLK | 0600, makedev(254, 0)) == 0);
  char handle[128] = {8};
  errno = 0;
  tell("handle", syscall(SYS_open_by_handle_at, AT_FDCWD, handle, O_RDONLY) >= 0 || errno == ESTALE);
  char parameters[256] = {0};
  tell("io_uring", syscall(SYS_io_uring_setup, 1, parameters) >= 0);
  tell("keys", syscall(SYS_keyctl, 0, -4, 0, 0, 0) >= 0);  // KEYCTL_GET_KEYRING_ID of the user's keyring
  tell("bpf", syscall(SYS_bpf, 0, parameters, sizeof parameters) >= 0);
  tell("userfaultfd", syscall(SYS_userfaultfd, 0) >= 0);
}

int main(int argc, char** argv) {
  if (argc == 3 && strcmp(argv[1], "victim") == 0) return be_victim(argv[2]);
  if (argc != 4 || strcmp(argv[1], "try") != 0) return 2;
  try_files(argv[3]);
  try_process(argv[2]);
  try_rights();
  return 0;
}
