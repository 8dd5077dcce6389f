// SPDX-License-Identifier: Apache-2.0
// Looks at files and gives them away in every way that a program has.
//   owners show PATH       a line for each call that shows PATH: owner, mode, device number
//   owners socket PATH     makes a socket there
//   owners open PATH       gives PATH to 7:8 by a read-only descriptor, removes it, and shows that
//   owners hidden PATH     gives PATH to 7:8 as a process that nobody may look into, and shows it
//   owners threads N DIR   N threads, each gives away N files in DIR and looks; prints how many were wrong
//   owners loop N PATH     N times stat, then N times chown; prints nanoseconds for each
//   owners edges PATH      PATH at the end of a page that nothing follows, and no address at all
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

static void tell(const char* way, long failed, const struct stat* info) {
  if (failed != 0) {
    printf("%s: %s\n", way, strerror(errno));
  } else {
    printf("%s: %u:%u %o %u,%u\n", way, info->st_uid, info->st_gid, info->st_mode, major(info->st_rdev),
           minor(info->st_rdev));
  }
}

static void tell_statx(const char* way, int fd, const char* path, int flags) {
  struct statx wide;
  struct stat info;
  memset(&info, 0, sizeof info);
  const long failed = syscall(SYS_statx, fd, path, flags, STATX_BASIC_STATS, &wide);
  info.st_uid = wide.stx_uid;
  info.st_gid = wide.stx_gid;
  info.st_mode = wide.stx_mode;
  info.st_rdev = makedev(wide.stx_rdev_major, wide.stx_rdev_minor);
  tell(way, failed, &info);
}

static int show(const char* path) {
  struct stat info;
  const int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
#ifdef SYS_stat
  tell("stat", syscall(SYS_stat, path, &info), &info);
  tell("lstat", syscall(SYS_lstat, path, &info), &info);
#else
  tell("stat", syscall(SYS_newfstatat, AT_FDCWD, path, &info, 0), &info);
  tell("lstat", syscall(SYS_newfstatat, AT_FDCWD, path, &info, AT_SYMLINK_NOFOLLOW), &info);
#endif
  tell("fstat", syscall(SYS_fstat, fd, &info), &info);
  tell("newfstatat", syscall(SYS_newfstatat, AT_FDCWD, path, &info, AT_SYMLINK_NOFOLLOW), &info);
  tell("newfstatat-empty", syscall(SYS_newfstatat, fd, "", &info, AT_EMPTY_PATH), &info);
  tell_statx("statx", AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
  tell_statx("statx-empty", fd, "", AT_EMPTY_PATH);
  return 0;
}

static int make_socket(const char* path) { return mknod(path, S_IFSOCK | 0600, 0) != 0; }

static int by_descriptor(const char* path) {
  struct stat info;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fchown(fd, 7, 8) != 0 || unlink(path) != 0) return 1;
  tell("fstat", fstat(fd, &info), &info);
  return 0;
}

static int hidden(const char* path) {
  struct stat info;
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || chown(path, 7, 8) != 0) return 1;
  tell("stat", stat(path, &info), &info);
  return 0;
}

struct Thread {
  pthread_t id;
  const char* directory;
  unsigned number, count, wrong;
};

static void* work(void* given) {
  struct Thread* const self = given;
  for (unsigned i = 0; i < self->count; ++i) {
    char path[256];
    struct stat info;
    snprintf(path, sizeof path, "%s/%u-%u", self->directory, self->number, i);
    const unsigned user = 1000 * self->number + i;
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    if (chown(path, user, i) != 0 || chmod(path, 0600) != 0 || stat(path, &info) != 0 ||
        info.st_uid != user || info.st_gid != i || (info.st_mode & 07777) != 0600)
      ++self->wrong;
  }
  return NULL;
}

static int threads(unsigned count, const char* directory) {
  static struct Thread all[64];
  unsigned wrong = 0;
  for (unsigned i = 0; i < count && i < 64; ++i) {
    all[i] = (struct Thread){.directory = directory, .number = i, .count = count};
    if (pthread_create(&all[i].id, NULL, work, &all[i]) != 0) return 1;
  }
  for (unsigned i = 0; i < count && i < 64; ++i) {
    pthread_join(all[i].id, NULL);
    wrong += all[i].wrong;
  }
  printf("wrong: %u\n", wrong);
  return 0;
}

static int edges(const char* path) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char* const pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED || munmap(pages + page, page) != 0) return 1;
  char* const at_end = pages + page - strlen(path) - 1;
  strcpy(at_end, path);
  printf("at the end: %s\n", chown(at_end, 7, 8) == 0 ? "done" : strerror(errno));
  at_end[strlen(path)] = 'x';
  printf("without an end: %s\n", chown(at_end, 7, 8) == 0 ? "done" : strerror(errno));
  printf("nowhere: %s\n", chown((const char*)(uintptr_t)8, 7, 8) == 0 ? "done" : strerror(errno));
  printf("empty: %s\n", chown("", 7, 8) == 0 ? "done" : strerror(errno));
  const long failed = syscall(SYS_newfstatat, AT_FDCWD, path, (void*)8, 0);
  printf("shown nowhere: %s\n", failed == 0 ? "done" : strerror(errno));
  return 0;
}

static double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

static int loop(unsigned long count, const char* path) {
  struct stat info;
  const double begin = now_ns();
  for (unsigned long i = 0; i < count; ++i) (void)stat(path, &info);
  const double between = now_ns();
  for (unsigned long i = 0; i < count; ++i) (void)!chown(path, (uid_t)(i % 2), 0);
  printf("%.0f %.0f\n", (between - begin) / (double)count, (now_ns() - between) / (double)count);
  return 0;
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const char* const what = argv[1];
  if (strcmp(what, "show") == 0) return show(argv[2]);
  if (strcmp(what, "socket") == 0) return make_socket(argv[2]);
  if (strcmp(what, "open") == 0) return by_descriptor(argv[2]);
  if (strcmp(what, "hidden") == 0) return hidden(argv[2]);
  if (strcmp(what, "edges") == 0) return edges(argv[2]);
  if (strcmp(what, "loop") == 0 && argc == 4) return loop(strtoul(argv[2], NULL, 10), argv[3]);
  if (strcmp(what, "threads") == 0 && argc == 4)
    return threads((unsigned)strtoul(argv[2], NULL, 10), argv[3]);
  return 2;
}
