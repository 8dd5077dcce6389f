// SPDX-License-Identifier: Apache-2.0
// spy ROOT FILE: root without capabilities, shut in ROOT, that looks for FILE through every process that it
// sees begin: "ready", then the name of each kind of process that led to it, a line. Goes on until it is
// ended.
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { kNewest = 20, kMostNames = 16, kNameSize = 32 };

static int shut_in(const char* root) {
  if (chroot(root) != 0 || chdir("/") != 0) return 1;
  for (int i = 0; prctl(PR_CAPBSET_DROP, i, 0, 0, 0) == 0; ++i) continue;
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[2] = {{0}};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_capset, &head, none) != 0) return 1;
  // It is one of many processes of its container, and not what has set it up.
  return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0;
}

static int read_line(const char* path, char* text, size_t size) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 1;
  const ssize_t length = read(fd, text, size - 1);
  close(fd);
  if (length <= 0) return 1;
  text[length] = '\0';
  text[strcspn(text, "\n")] = '\0';
  return 0;
}

// Once a name.
static void tell(const char* name) {
  static char told[kMostNames][kNameSize];
  for (int i = 0; i < kMostNames; ++i) {
    if (strcmp(told[i], name) == 0) return;
    if (told[i][0] != '\0') continue;
    strncpy(told[i], name, kNameSize - 1);
    puts(name);
    return;
  }
}

static void look_through(int pid, const char* file) {
  char path[4200];
  snprintf(path, sizeof(path), "/proc/%d/root%s", pid, file);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  close(fd);
  char name[kNameSize];
  snprintf(path, sizeof(path), "/proc/%d/comm", pid);
  tell(read_line(path, name, sizeof(name)) == 0 ? name : "one that has ended");
}

int main(int argc, char** argv) {
  if (argc != 3 || shut_in(argv[1]) != 0) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("ready");
  for (;;) {
    char load[128];
    if (read_line("/proc/loadavg", load, sizeof(load)) != 0) return 2;
    const int last = atoi(strrchr(load, ' ') + 1);
    for (int pid = last > kNewest ? last - kNewest : 1; pid <= last + 1; ++pid) look_through(pid, argv[2]);
  }
}
