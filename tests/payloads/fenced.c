// SPDX-License-Identifier: Apache-2.0
// Tries what a fence is to keep from it, and says in one line how that went: "done", or the error.
//   abstract NAME | own-abstract | connect PORT | mptcp PORT | fast-open PORT | bind PORT | listen
//   signal PID | overwrite DIR | empty DIR | change DIR | mount DIR
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

static int say(int failed) {
  puts(failed ? strerror(errno) : "done");
  return 0;
}

static socklen_t abstract_address(struct sockaddr_un* address, const char* name) {
  memset(address, 0, sizeof(*address));
  address->sun_family = AF_UNIX;
  strncpy(address->sun_path + 1, name, sizeof(address->sun_path) - 2);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
}

static int connect_abstract(const char* name) {
  struct sockaddr_un address;
  const socklen_t length = abstract_address(&address, name);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return connect(fd, (struct sockaddr*)&address, length) != 0;
}

static int own_abstract(void) {
  struct sockaddr_un address;
  const socklen_t length = abstract_address(&address, "kelp-test-own");
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(fd, (struct sockaddr*)&address, length) != 0 || listen(fd, 1) != 0) return 1;
  return connect_abstract("kelp-test-own");
}

enum { kMptcp = 262 };  // IPPROTO_MPTCP

static struct sockaddr_in loopback(const char* port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static int tcp(const char* port, int protocol, int (*what)(int, const struct sockaddr*, socklen_t)) {
  const struct sockaddr_in address = loopback(port);
  const int fd = socket(AF_INET, SOCK_STREAM, protocol);
  return fd < 0 || what(fd, (const struct sockaddr*)&address, sizeof(address)) != 0;
}

// Connects by sending.
static int fast_open(const char* port) {
  const struct sockaddr_in address = loopback(port);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  return sendto(fd, "x", 1, MSG_FASTOPEN, (const struct sockaddr*)&address, sizeof(address)) != 1;
}

// On a port that the kernel picks.
static int listen_unbound(void) { return listen(socket(AF_INET, SOCK_STREAM, 0), 1) != 0; }

// Takes the read-only attribute away, which no hook of Landlock sees, and writes.
static int make_writable(const char* directory) {
  struct mount_attr attributes = {.attr_clr = MOUNT_ATTR_RDONLY};
  if (syscall(SYS_mount_setattr, AT_FDCWD, directory, 0, &attributes, sizeof(attributes)) != 0) {
    printf("mount_setattr: ");
    return 1;
  }
  return chdir(directory) != 0;
}

static int overwrite(const char* directory) {
  return make_writable(directory) || open("overwritten", O_CREAT | O_WRONLY | O_CLOEXEC, 0644) < 0;
}

static int empty(const char* directory) { return make_writable(directory) || truncate("full", 0) != 0; }

// What of a file is not its content, one after the other.
static int change(const char* directory) {
  const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
  if (make_writable(directory)) return 1;
  if (chmod("full", 0604) != 0) return printf("chmod: ");
  if (utimensat(AT_FDCWD, "full", times, 0) != 0) return printf("utimensat: ");
  if (setxattr("full", "user.kelp", "1", 1, 0) != 0 && errno != ENOTSUP) return printf("setxattr: ");
  if (chown("full", 0, 0) != 0) return printf("chown: ");
  return 0;
}

int main(int argc, char** argv) {
  if (argc < 2) return 1;
  const char* const what = argv[1];
  const char* const with = argc > 2 ? argv[2] : "";
  if (strcmp(what, "abstract") == 0) return say(connect_abstract(with));
  if (strcmp(what, "own-abstract") == 0) return say(own_abstract());
  if (strcmp(what, "connect") == 0) return say(tcp(with, 0, connect));
  if (strcmp(what, "mptcp") == 0) return say(tcp(with, kMptcp, connect));
  if (strcmp(what, "fast-open") == 0) return say(fast_open(with));
  if (strcmp(what, "bind") == 0) return say(tcp(with, 0, bind));
  if (strcmp(what, "listen") == 0) return say(listen_unbound());
  if (strcmp(what, "signal") == 0) return say(kill(atoi(with), 0) != 0);
  if (strcmp(what, "overwrite") == 0) return say(overwrite(with));
  if (strcmp(what, "empty") == 0) return say(empty(with));
  if (strcmp(what, "change") == 0) return say(change(with));
  if (strcmp(what, "mount") == 0) return say(mount("none", with, "tmpfs", 0, NULL) != 0);
  return 1;
}
