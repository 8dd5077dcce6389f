// SPDX-License-Identifier: Apache-2.0
// Prints all that a sandbox shows to its command, a fact a line, so that tests/dialect can compare two
// programs that start sandboxes: survey [--exit N] [--lock FILE] [--wait] [--write FILE]... [DIR]...
// Each DIR is listed with all below it. What differs from one start to the next (mount ids, process ids)
// is printed as it is: the reader knows which of it means something.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

// A name or text as one word: what is not printable, a blank included, as \xNN.
static void print_word(const char* text, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    const unsigned char c = (unsigned char)text[i];
    if (c > ' ' && c < 127 && c != '\\')
      putchar(c);
    else
      printf("\\x%02x", c);
  }
}

static void print_lines(const char* label, const char* path) {
  char* line = NULL;
  size_t room = 0;
  FILE* file = fopen(path, "re");
  if (!file) printf("%s absent: %s\n", label, strerror(errno));
  while (file && getline(&line, &room, file) > 0) {
    line[strcspn(line, "\n")] = '\0';
    printf("%s %s\n", label, line);
  }
  if (file) fclose(file);
  free(line);
}

static void print_status(void) {
  static const char* const kWanted[] = {
      "Uid:",    "Gid:",    "Groups:", "SigBlk:", "SigIgn:", "CapInh:",     "CapPrm:", "CapEff:",
      "CapBnd:", "CapAmb:", "NSpid:",  "NSsid:",  "NSpgid:", "NoNewPrivs:", "Seccomp"};
  char line[4096];
  FILE* file = fopen("/proc/self/status", "re");
  while (file && fgets(line, sizeof line, file)) {
    for (size_t i = 0; i < sizeof kWanted / sizeof *kWanted; ++i)
      if (strncmp(line, kWanted[i], strlen(kWanted[i])) == 0) printf("status %s", line);
  }
  if (file) fclose(file);
}

static void print_namespaces(void) {
  static const char* const kNames[] = {"user", "mnt", "pid", "ipc", "uts", "net", "cgroup", "time"};
  for (size_t i = 0; i < sizeof kNames / sizeof *kNames; ++i) {
    char path[64], target[64];
    snprintf(path, sizeof path, "/proc/self/ns/%s", kNames[i]);
    const ssize_t size = readlink(path, target, sizeof target - 1);
    printf("namespace %s %.*s\n", kNames[i], size < 0 ? 1 : (int)size, size < 0 ? "-" : target);
  }
}

static void print_descriptors(void) {
  for (int fd = 0; fd < 256; ++fd) {
    struct stat info;
    char path[64], target[512];
    if (fstat(fd, &info) != 0) continue;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const ssize_t size = readlink(path, target, sizeof target);
    printf("descriptor %d flags %x type %o ", fd, (unsigned)fcntl(fd, F_GETFD),
           (unsigned)(info.st_mode & S_IFMT));
    print_word(size < 0 ? "-" : target, size < 0 ? 1 : (size_t)size);
    putchar('\n');
  }
}

static void print_entry(const char* path, const struct stat* info) {
  char content[256];
  fputs("file ", stdout);
  print_word(path, strlen(path));
  printf(" %06o %u:%u", (unsigned)info->st_mode, (unsigned)info->st_uid, (unsigned)info->st_gid);
  if (S_ISCHR(info->st_mode) || S_ISBLK(info->st_mode)) printf(" device %lx", (unsigned long)info->st_rdev);
  if (S_ISLNK(info->st_mode)) {
    const ssize_t size = readlink(path, content, sizeof content);
    fputs(" -> ", stdout);
    print_word(content, size < 0 ? 0 : (size_t)size);
  }
  if (S_ISREG(info->st_mode)) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t size = fd < 0 ? -1 : read(fd, content, 64);
    fputs(size < 0 ? " unreadable" : " = ", stdout);
    if (size > 0) print_word(content, (size_t)size);
    if (fd >= 0) close(fd);
  }
  putchar('\n');
}

static void print_tree(const char* path, int depth) {
  struct stat info;
  struct dirent** names = NULL;
  if (lstat(path, &info) != 0) {
    printf("file %s: %s\n", path, strerror(errno));
    return;
  }
  print_entry(path, &info);
  if (!S_ISDIR(info.st_mode) || depth == 0 || strcmp(path, "/proc") == 0 || strcmp(path, "/sys") == 0) return;
  const int count = scandir(path, &names, NULL, alphasort);
  if (count < 0) printf("file %s: %s\n", path, strerror(errno));
  for (int i = 0; i < count; ++i) {
    char whole[4096];
    const char* name = names[i]->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
    snprintf(whole, sizeof whole, "%s/%s", strcmp(path, "/") == 0 ? "" : path, name);
    print_tree(whole, depth - 1);
  }
}

// The capabilities by the system call: sandboxes without /proc have them too.
static void print_rights(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {{0}};
  if (syscall(SYS_capget, &header, data) == 0)
    printf("capabilities effective %08x%08x permitted %08x%08x inheritable %08x%08x\n", data[1].effective,
           data[0].effective, data[1].permitted, data[0].permitted, data[1].inheritable, data[0].inheritable);
  fputs("bounding ", stdout);
  for (unsigned long i = 0; i < 64; ++i) {
    const int has = prctl(PR_CAPBSET_READ, i, 0, 0, 0);
    if (has >= 0) putchar(has ? '1' : '0');
  }
  int signal = 0;
  prctl(PR_GET_PDEATHSIG, &signal);
  printf("\nno_new_privs %d\nkeepcaps %d\nsecurebits %d\ndumpable %d\ndeath-signal %d\n",
         prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), prctl(PR_GET_KEEPCAPS), prctl(PR_GET_SECUREBITS),
         prctl(PR_GET_DUMPABLE), signal);
}

static void print_self(void) {
  char directory[4096];
  struct utsname names;
  struct rlimit limit;
  if (uname(&names) == 0) printf("names %s %s\n", names.nodename, names.domainname);
  printf("directory %s\n", getcwd(directory, sizeof directory) ? directory : strerror(errno));
  const mode_t mask = umask(0);
  umask(mask);
  printf("umask %o\nids %u %u %u %u\n", (unsigned)mask, (unsigned)getuid(), (unsigned)geteuid(),
         (unsigned)getgid(), (unsigned)getegid());
  printf("processes %ld %d %d %d\n", syscall(SYS_getpid), getppid(), getpgrp(), getsid(0));
  const long priority = syscall(SYS_getpriority, 0, 0);
  printf("getpriority %ld: %s\n", priority, priority < 0 ? strerror(errno) : "works");
  for (int resource = 0; resource < RLIM_NLIMITS; ++resource)
    if (getrlimit((__rlimit_resource_t)resource, &limit) == 0)
      printf("limit %d %lu %lu\n", resource, (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_max);
}

static void print_lock(const char* path) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0 || fcntl(fd, F_GETLK, &lock) != 0)
    printf("lock %s: %s\n", path, strerror(errno));
  else
    printf("lock %s %s\n", path,
           lock.l_type == F_UNLCK   ? "free"
           : lock.l_type == F_RDLCK ? "shared"
                                    : "exclusive");
}

static void print_write(const char* path) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  printf("write %s %s\n", path,
         fd < 0                   ? strerror(errno)
         : write(fd, "w", 1) == 1 ? "works"
                                  : strerror(errno));
}

int main(int argc, char** argv) {
  int status = 0, must_wait = 0;
  for (int i = 0; i < argc; ++i) {
    fputs("argument ", stdout);
    print_word(argv[i], strlen(argv[i]));
    putchar('\n');
  }
  print_descriptors();
  print_self();
  print_rights();
  print_status();
  print_namespaces();
  print_lines("uid_map", "/proc/self/uid_map");
  print_lines("gid_map", "/proc/self/gid_map");
  print_lines("setgroups", "/proc/self/setgroups");
  print_lines("cgroup", "/proc/self/cgroup");
  print_lines("oom", "/proc/self/oom_score_adj");
  print_lines("max_user_namespaces", "/proc/sys/user/max_user_namespaces");
  print_lines("mount", "/proc/self/mountinfo");
  print_lines("interface", "/proc/net/dev");
  for (char** entry = environ; *entry; ++entry) {
    fputs("environment ", stdout);
    print_word(*entry, strlen(*entry));
    putchar('\n');
  }
  for (int i = 1; i < argc; ++i) {
    const char* next = i + 1 < argc ? argv[i + 1] : "";
    if (strcmp(argv[i], "--exit") == 0)
      status = atoi(next), ++i;
    else if (strcmp(argv[i], "--lock") == 0)
      print_lock(next), ++i;
    else if (strcmp(argv[i], "--write") == 0)
      print_write(next), ++i;
    else if (strcmp(argv[i], "--wait") == 0)
      must_wait = 1;
    else
      print_tree(argv[i], 6);
  }
  puts("end of survey");
  fflush(stdout);
  while (must_wait) pause();
  return status;
}
