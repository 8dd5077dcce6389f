// SPDX-License-Identifier: Apache-2.0
// Tries what a fence is to keep from it, and says in one line how that went: "done", or the error.
//   abstract NAME | own-abstract | connect PORT | bind PORT | signal PID | overwrite DIR | mount DIR
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
#include <sys/syscall.h>
#include <sys/un.h>
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

static int tcp(const char* port, int (*what)(int, const struct sockaddr*, socklen_t)) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return what(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr*)&address, sizeof(address)) != 0;
}

// Takes the read-only attribute away, which no hook of Landlock sees, and writes.
static int overwrite(const char* directory) {
  struct mount_attr attributes = {.attr_clr = MOUNT_ATTR_RDONLY};
  if (syscall(SYS_mount_setattr, AT_FDCWD, directory, 0, &attributes, sizeof(attributes)) != 0) {
    printf("mount_setattr: ");
    return 1;
  }
  if (chdir(directory) != 0) return 1;
  return open("overwritten", O_CREAT | O_WRONLY | O_CLOEXEC, 0644) < 0;
}

int main(int argc, char** argv) {
  if (argc < 2) return 1;
  const char* const what = argv[1];
  const char* const with = argc > 2 ? argv[2] : "";
  if (strcmp(what, "abstract") == 0) return say(connect_abstract(with));
  if (strcmp(what, "own-abstract") == 0) return say(own_abstract());
  if (strcmp(what, "connect") == 0) return say(tcp(with, connect));
  if (strcmp(what, "bind") == 0) return say(tcp(with, bind));
  if (strcmp(what, "signal") == 0) return say(kill(atoi(with), 0) != 0);
  if (strcmp(what, "overwrite") == 0) return say(overwrite(with));
  if (strcmp(what, "mount") == 0) return say(mount("none", with, "tmpfs", 0, NULL) != 0);
  return 1;
}
