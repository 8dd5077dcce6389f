// SPDX-License-Identifier: Apache-2.0
// The floor: the fewest system calls that a correct rootless start needs, in a fixed order, nothing else.
// kelp's budgets are ratios to it. It is no container runtime: it checks no input, opens nothing safely (its
// root is the bench's own) and explains no failure. The list is numbered in the comments; each call stands
// there with its reason, and a call is added or taken away only with one (README.md, "The floor").
//
//   floor minimal ROOT CMD...            user + mount namespace, pivot
//   floor full ROOT CMD...               all namespaces, proc, sys, dev, tmp, capabilities, session, reaper
//   floor range ROOT CMD...              full, ids mapped by newuidmap and newgidmap
//   floor binds N SOURCES ROOT CMD...    minimal, and SOURCES/0..N-1 read-only on ROOT/mnt/0..N-1
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef CLOSE_RANGE_UNSHARE
#define SYS_close_range 436
#endif

enum { kCannotStart = 125, kNotFound = 127 };

struct job {
  enum { kMinimal, kFull, kRange, kBinds } mode;
  unsigned binds;
  const char* sources;
  const char* root;
  char** command;
};

extern char** environ;

// Every failure ends the start. Only the name of what failed is told: the floor pays for no diagnosis.
static void must(int ok, const char* what) {
  if (ok) return;
  const char* reason = strerror(errno);
  dprintf(2, "floor: %s: %s\n", what, reason);
  _exit(kCannotStart);
}

static int status_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

// ---- the parent
// ----------------------------------------------------------------------------------------------

static void write_proc(pid_t pid, const char* name, const char* text) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
  // Not closed: the parent opens nothing later and execs nothing, so its exit does it for nothing.
}

// P3: one id on both sides. setgroups must be denied before the kernel takes a gid map from a caller without
// CAP_SETGID (user_namespaces(7)): three files, an open and a write each.
static void map_one_id(pid_t child) {
  char map[32];
  write_proc(child, "setgroups", "deny");
  snprintf(map, sizeof map, "0 %u 1", (unsigned)getuid());
  write_proc(child, "uid_map", map);
  snprintf(map, sizeof map, "0 %u 1", (unsigned)getgid());
  write_proc(child, "gid_map", map);
}

static void read_all(const char* path, char* text, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);
  must(length >= 0, path);
  text[length] = '\0';
  close(fd);
}

// Colon-separated lines: finds the one whose field number `key_at` is `key`, and copies field `want`.
static int find_field(const char* text, int key_at, const char* key, int want, char* found, size_t size) {
  for (const char* line = text; *line;) {
    const char* end = strchrnul(line, '\n');
    const char* field = line;
    int is_match = 0;
    const char* wanted = NULL;
    size_t wanted_length = 0;
    for (int at = 0; field <= end; ++at) {
      const char* stop = memchr(field, ':', (size_t)(end - field));
      if (!stop) stop = end;
      size_t length = (size_t)(stop - field);
      if (at == key_at) is_match = length == strlen(key) && memcmp(field, key, length) == 0;
      if (at == want) wanted = field, wanted_length = length;
      field = stop + 1;
    }
    if (is_match && wanted && wanted_length < size) {
      memcpy(found, wanted, wanted_length);
      found[wanted_length] = '\0';
      return 1;
    }
    line = *end ? end + 1 : end;
  }
  return 0;
}

// vfork: the helper's exec follows at once, and nothing is copied for it. The parent goes on when it has
// exec'd.
static pid_t start_map_helper(const char* program, pid_t child, unsigned own, const char* first,
                              const char* count) {
  char pid_text[16], own_text[16];
  snprintf(pid_text, sizeof pid_text, "%d", (int)child);
  snprintf(own_text, sizeof own_text, "%u", own);
  char* const argv[] = {(char*)program, pid_text,     (char*)"0",   own_text, (char*)"1",
                        (char*)"1",     (char*)first, (char*)count, NULL};
  pid_t pid = vfork();
  if (pid == 0) {
    execve(program, argv, environ);
    _exit(kNotFound);
  }
  must(pid > 0, program);
  return pid;
}

// P3 of `range`: root inside is the caller, 1 and up its subordinate range. /etc/passwd gives the name, two
// files the ranges (open, read, close each); the two setuid helpers run side by side (vfork, execve, wait
// each).
static void map_range(pid_t child) {
  static char text[1 << 16];
  char uid[16], name[64], first_uid[16], uids[16], first_gid[16], gids[16];
  snprintf(uid, sizeof uid, "%u", (unsigned)getuid());
  read_all("/etc/passwd", text, sizeof text);
  must(find_field(text, 2, uid, 0, name, sizeof name), "/etc/passwd: your name");
  read_all("/etc/subuid", text, sizeof text);
  must(find_field(text, 0, name, 1, first_uid, sizeof first_uid) &&
           find_field(text, 0, name, 2, uids, sizeof uids),
       "/etc/subuid: your range");
  read_all("/etc/subgid", text, sizeof text);
  must(find_field(text, 0, name, 1, first_gid, sizeof first_gid) &&
           find_field(text, 0, name, 2, gids, sizeof gids),
       "/etc/subgid: your range");
  pid_t helpers[] = {
      start_map_helper("/usr/bin/newuidmap", child, getuid(), first_uid, uids),
      start_map_helper("/usr/bin/newgidmap", child, getgid(), first_gid, gids),
  };
  for (int i = 0; i < 2; ++i) {
    int status = 0;
    must(waitpid(helpers[i], &status, 0) == helpers[i] && status == 0, "newuidmap or newgidmap");
  }
}

// ---- the child, minimal
// --------------------------------------------------------------------------------------

// M1 to M3: private first, or the binds below would arrive in, and mounts of the host leave into, other
// namespaces. The root is bound on itself since pivot_root wants a mount point; recursively, for in a user
// namespace a tree with inherited submounts cannot be bound without them (EINVAL). chdir, so that every later
// path is relative.
static void enter_root(const char* root) {
  must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "make / private");
  must(mount(root, root, NULL, MS_BIND | MS_REC, NULL) == 0, root);
  must(chdir(root) == 0, root);
}

// M4, M5: pivot_root(".", ".") stacks the old root over the new one, and the detach of "." takes the upper
// one away: no directory to make or to remove, and no chdir, for root and working directory are the new root
// by then.
static void leave_old_root(void) {
  must(syscall(SYS_pivot_root, ".", ".") == 0, "pivot_root");
  must(umount2(".", MNT_DETACH) == 0, "detach the old root");
}

// B1, B2, for each: a bind, and one recursive mount_setattr, which makes submounts read-only too (a remount
// would not, and there would be one for each of them). Two system calls: there is no single one that does
// both.
static void bind_read_only(const struct job* job) {
  struct {
    uint64_t attr_set, attr_clr, propagation, userns_fd;
  } read_only = {.attr_set = 1 /* MOUNT_ATTR_RDONLY */};
  for (unsigned i = 0; i < job->binds; ++i) {
    char from[4096], to[32];
    snprintf(from, sizeof from, "%s/%u", job->sources, i);
    snprintf(to, sizeof to, "mnt/%u", i);
    must(mount(from, to, NULL, MS_BIND | MS_REC, NULL) == 0, from);
    must(syscall(SYS_mount_setattr, AT_FDCWD, to, AT_RECURSIVE, &read_only, sizeof read_only) == 0, to);
  }
}

// ---- the child, full
// -----------------------------------------------------------------------------------------

// F1: a new network namespace has loopback down; going up gives it its addresses. F8 closes the socket.
static void raise_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  must(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0, "loopback");
}

static void mount_new(const char* type, const char* to, unsigned long flags, const char* data) {
  must(mount(type, to, type, MS_NOSUID | flags, data) == 0, to);
}

// F2: before the pivot: the kernel gives a user namespace a new proc or sysfs only while a fully visible
// one is mounted (mount_too_revealing), and the host's goes with the old root. cgroup2 shows the new cgroup
// namespace's root and is read-only; where another runtime or the kernel forbids it, the directory stays
// empty.
static void mount_kernel_file_systems(void) {
  mount_new("proc", "proc", MS_NODEV | MS_NOEXEC, NULL);
  mount_new("sysfs", "sys", MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
  (void)mount("cgroup2", "sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
}

// F3: a fresh /dev. Device nodes cannot be made in a user namespace: the host's six are bound on empty
// files (mknod makes one in one call; open would want a close). devpts is an instance of its own, so that no
// terminal of the host can be opened; its ptmx and the usual links are what programs expect. gid 5 (tty) only
// where it is mapped.
static void mount_dev(const struct job* job) {
  static const char* const kDevices[][2] = {
      {"/dev/null", "dev/null"},     {"/dev/zero", "dev/zero"},       {"/dev/full", "dev/full"},
      {"/dev/random", "dev/random"}, {"/dev/urandom", "dev/urandom"}, {"/dev/tty", "dev/tty"},
  };
  static const char* const kLinks[][2] = {
      {"pts/ptmx", "dev/ptmx"},          {"/proc/self/fd", "dev/fd"},       {"/proc/self/fd/0", "dev/stdin"},
      {"/proc/self/fd/1", "dev/stdout"}, {"/proc/self/fd/2", "dev/stderr"},
  };
  mount_new("tmpfs", "dev", 0, "mode=755,size=65536k");
  for (size_t i = 0; i < sizeof kDevices / sizeof *kDevices; ++i) {
    must(mknod(kDevices[i][1], S_IFREG | 0666, 0) == 0, kDevices[i][1]);
    must(mount(kDevices[i][0], kDevices[i][1], NULL, MS_BIND, NULL) == 0, kDevices[i][0]);
  }
  for (size_t i = 0; i < sizeof kLinks / sizeof *kLinks; ++i)
    must(symlink(kLinks[i][0], kLinks[i][1]) == 0, kLinks[i][1]);
  must(mkdir("dev/pts", 0755) == 0 && mkdir("dev/shm", 0755) == 0 && mkdir("dev/mqueue", 0755) == 0,
       "mkdir in /dev");
  mount_new("devpts", "dev/pts", MS_NOEXEC,
            job->mode == kRange ? "newinstance,ptmxmode=0666,mode=620,gid=5"
                                : "newinstance,ptmxmode=0666,mode=620");
  mount_new("tmpfs", "dev/shm", MS_NODEV, "mode=1777");
  mount_new("mqueue", "dev/mqueue", MS_NODEV | MS_NOEXEC, NULL);
  mount_new("tmpfs", "tmp", MS_NODEV, "mode=1777");
}

// F5, F6, F7: the 11 capabilities that package managers need, in the bounding set (one prctl for each other
// one: the kernel has no call for the whole set; EINVAL tells the last) and, by one capset, in the effective
// and permitted sets, with the inheritable one empty. The ambient set is empty in a new user namespace. Then
// no_new_privs.
static void drop_rights(void) {
  static const unsigned char kKept[] = {
      CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,           CAP_FSETID,     CAP_KILL,   CAP_SETGID,
      CAP_SETUID, CAP_SETPCAP,      CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_SETFCAP};
  uint64_t kept = 0;
  for (size_t i = 0; i < sizeof kKept; ++i) kept |= UINT64_C(1) << kKept[i];
  for (unsigned long cap = 0; cap < 64; ++cap) {
    if (!(kept >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0) {
      must(errno == EINVAL, "bounding set");
      break;
    }
  }
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[2] = {{.effective = (uint32_t)kept, .permitted = (uint32_t)kept}};
  must(syscall(SYS_capset, &header, sets) == 0, "capset");
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
}

// F8: the caller's session keyring holds its keys (Kerberos, fscrypt): a new one instead. A new
// session, so that nothing can be typed into the caller's terminal. When the parent dies this process dies,
// and with it, as PID 1, all inside; asked for after the last change of ids, which clears it, and then the
// pipe tells whether the parent was gone before: getppid is 0 in a new pid namespace. At last no descriptor
// of the caller stays open.
static void part_from_caller(int go_fd) {
  must(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) != -1, "session keyring");
  must(setsid() != -1, "setsid");
  must(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0, "death signal");
  struct pollfd go = {.fd = go_fd};
  must(poll(&go, 1, 0) == 0, "the parent is gone");
  must(syscall(SYS_close_range, 3U, ~0U, 0) == 0, "close_range");
}

static void full_set_up(const struct job* job, int go_fd) {
  // R1: where the map allows it the host's supplementary groups go; a one-id map has denied setgroups.
  if (job->mode == kRange) must(syscall(SYS_setgroups, 0, NULL) == 0, "setgroups");
  raise_loopback();
  enter_root(job->root);
  mount_kernel_file_systems();
  mount_dev(job);
  leave_old_root();
  // F4: the new uts namespace begins with the host's name.
  must(sethostname("floor", 5) == 0, "hostname");
  drop_rights();
  part_from_caller(go_fd);
}

// F9: PID 1 must wait for whatever is orphaned to it and must not be the command, for which the kernel
// would ignore signals without a handler. vfork: nothing is copied, and there is nothing for PID 1 to do
// before the exec.
static void reap(const struct job* job) {
  pid_t command = vfork();
  if (command == 0) {
    execve(job->command[0], job->command, environ);
    _exit(kNotFound);
  }
  must(command > 0, "fork");
  for (;;) {
    int status = 0;
    pid_t pid = wait4(-1, &status, 0, NULL);
    must(pid > 0 || errno == EINTR, "wait");
    if (pid == command) _exit(status_of(status));
  }
}

// C1, C2: the write end must not stay open here, or the parent's death would never be seen. A byte means "the
// ids are mapped"; end of file means that the parent died.
static void run_child(const struct job* job, const int go[2]) {
  char byte;
  close(go[1]);
  must(read(go[0], &byte, 1) == 1, "the parent is gone");
  if (job->mode == kFull || job->mode == kRange) {
    full_set_up(job, go[0]);
    reap(job);
  }
  enter_root(job->root);
  bind_read_only(job);
  leave_old_root();
  execve(job->command[0], job->command, environ);  // M6
  must(0, job->command[0]);
}

// P1 pipe2, P2 clone3, P3 the id maps, P4 "go", P5 wait. The clone copies (no CLONE_VM): the child goes on
// while the parent lives, and a set-up that shares its parent's memory has no protection from it.
static int start(const struct job* job) {
  int go[2];
  must(pipe2(go, O_CLOEXEC) == 0, "pipe");
  struct clone_args how = {.flags = CLONE_NEWUSER | CLONE_NEWNS, .exit_signal = SIGCHLD};
  if (job->mode == kFull || job->mode == kRange)
    how.flags |= CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWNET;
  pid_t child = (pid_t)syscall(SYS_clone3, &how, sizeof how);
  must(child >= 0, "clone3");
  if (child == 0) run_child(job, go);
  if (job->mode == kRange) {
    map_range(child);
  } else {
    map_one_id(child);
  }
  must(write(go[1], "g", 1) == 1, "go");
  int status = 0;
  must(wait4(child, &status, 0, NULL) == child, "wait");
  return status_of(status);
}

int main(int argc, char** argv) {
  struct job job = {.mode = kMinimal};
  int at = 1;
  const char* mode = argc > 1 ? argv[at++] : "";
  if (strcmp(mode, "full") == 0)
    job.mode = kFull;
  else if (strcmp(mode, "range") == 0)
    job.mode = kRange;
  else if (strcmp(mode, "binds") == 0 && argc > 3) {
    job.mode = kBinds;
    job.binds = (unsigned)strtoul(argv[at++], NULL, 10);
    job.sources = argv[at++];
  } else if (strcmp(mode, "minimal") != 0)
    at = argc;
  if (argc - at < 2) {
    fputs("usage: floor minimal|full|range ROOT CMD... | floor binds N SOURCES ROOT CMD...\n", stderr);
    return kCannotStart;
  }
  job.root = argv[at];
  job.command = argv + at + 1;
  return start(&job);
}
