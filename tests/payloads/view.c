// SPDX-License-Identifier: Apache-2.0
// Prints all that a container shows to its command and that a fault of the start could have changed: ids,
// rights, mounts, files, limits, names. Two containers that print the same are the same. What differs between
// two healthy starts (mount ids, device numbers) is left out.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char* const kFiles[] = {"/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/cgroup", "/file",
                                     "/mnt/shared",        "/etc/hosts",         "/etc/resolv.conf"};
static const char* const kDirectories[] = {"/", "/dev", "/hide", "/mnt", "/x", "/sys", "/sys/fs/cgroup"};

static void print_file(const char* path) {
  char line[4096];
  FILE* file = fopen(path, "re");
  printf("%s:%s\n", path, file ? "" : " absent");
  while (file && fgets(line, sizeof line, file)) printf("  %s", line);
  if (file) fclose(file);
}

// Lines of /proc/self/status about rights and signals. Not the number of switches and such.
static void print_status(void) {
  static const char* const kWanted[] = {"Uid", "Gid", "Groups", "NSpid",      "NSsid",
                                        "Sig", "Shd", "Cap",    "NoNewPrivs", "Seccomp"};
  char line[4096];
  FILE* file = fopen("/proc/self/status", "re");
  while (file && fgets(line, sizeof line, file)) {
    for (size_t i = 0; i < sizeof kWanted / sizeof *kWanted; ++i)
      if (strncmp(line, kWanted[i], strlen(kWanted[i])) == 0 && strncmp(line, "SigQ", 4) != 0)
        printf("%s", line);
  }
  if (file) fclose(file);
}

// A line of mountinfo from its fourth field on: what is mounted, where, how.
static void print_mounts(void) {
  char line[4096];
  FILE* file = fopen("/proc/self/mountinfo", "re");
  while (file && fgets(line, sizeof line, file)) {
    const char* at = line;
    for (int field = 0; field < 3 && at; ++field) {
      at = strchr(at, ' ');
      if (at) ++at;
    }
    printf("mount %s", at ? at : "?\n");
  }
  if (file) fclose(file);
}

// The cgroups of other tests come and go.
static int is_of_no_test(const struct dirent* entry) {
  return strncmp(entry->d_name, "test-of-kelp-", strlen("test-of-kelp-")) != 0;
}

static void print_directory(const char* path) {
  struct dirent** names = NULL;
  const int count = scandir(path, &names, is_of_no_test, alphasort);
  printf("%s: %d\n", path, count);
  for (int i = 0; i < count; ++i) {
    struct stat info;
    char whole[4096];
    snprintf(whole, sizeof whole, "%s/%s", path, names[i]->d_name);
    if (lstat(whole, &info) == 0 && names[i]->d_name[0] != '.') {
      printf("  %s %o %u:%u %lx\n", names[i]->d_name, (unsigned)info.st_mode, (unsigned)info.st_uid,
             (unsigned)info.st_gid, (unsigned long)info.st_rdev);
    }
  }
}

static void print_descriptors(void) {
  for (int fd = 0; fd < 64; ++fd) {
    struct stat info;
    if (fstat(fd, &info) == 0)
      printf("descriptor %d: flags %x, type %o\n", fd, (unsigned)fcntl(fd, F_GETFD),
             (unsigned)(info.st_mode & S_IFMT));
  }
}

int main(int argc, char** argv) {
  (void)argc;
  struct rlimit limit;
  struct utsname names;
  char cwd[4096];
  print_descriptors();
  print_status();
  print_mounts();
  for (size_t i = 0; i < sizeof kFiles / sizeof *kFiles; ++i) print_file(kFiles[i]);
  for (size_t i = 0; i < sizeof kDirectories / sizeof *kDirectories; ++i) print_directory(kDirectories[i]);
  for (int resource = 0; resource < RLIM_NLIMITS; ++resource)
    if (getrlimit((__rlimit_resource_t)resource, &limit) == 0)
      printf("limit %d: %lu %lu\n", resource, (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_max);
  if (uname(&names) == 0) printf("host name %s\n", names.nodename);
  printf("umask %o, directory %s\n", (unsigned)umask(0), getcwd(cwd, sizeof cwd) ? cwd : "?");
  printf("securebits %d, keepcaps %d\n", prctl(PR_GET_SECUREBITS), prctl(PR_GET_KEEPCAPS));
  printf("pid %d, parent %d, group %d, session %d\n", getpid(), getppid(), getpgrp(), getsid(0));
  for (char** word = argv; *word; ++word) printf("argument %s\n", *word);
  for (char** entry = environ; *entry; ++entry) printf("environment %s\n", *entry);
  return 0;
}
