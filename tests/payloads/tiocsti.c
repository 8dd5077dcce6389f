// SPDX-License-Identifier: Apache-2.0
// Tries to push characters into every terminal that it can reach: as it is, after taking the terminal for its
// own, and with the request number's high bits set, which the kernel ignores and careless filters do not.
// Prints one line a try: what, the descriptor, "done" or errno.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void tell(const char* what, int fd, long result) {
  printf("%s %d: %s\n", what, fd, result == 0 ? "done" : strerror(errno));
}

static void push(int fd, const char* how) {
  char name[64];
  const char text = '!';
  char paste[] = {3, 0};  // TIOCL_PASTESEL
  snprintf(name, sizeof name, "TIOCSTI%s", how);
  tell(name, fd, ioctl(fd, TIOCSTI, &text));
  snprintf(name, sizeof name, "TIOCSTI-high%s", how);
  tell(name, fd, syscall(SYS_ioctl, fd, 0xdead000000000000UL | TIOCSTI, &text));
  snprintf(name, sizeof name, "TIOCLINUX%s", how);
  tell(name, fd, ioctl(fd, TIOCLINUX, paste));
}

int main(void) {
  const int own = open("/dev/tty", O_RDWR | O_NOCTTY);
  if (own >= 0) push(own, "");
  for (int fd = 0; fd < 3; ++fd) push(fd, "");
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    for (int fd = 0; fd < 3; ++fd) {
      tell("TIOCSCTTY", fd, ioctl(fd, TIOCSCTTY, 1));
      push(fd, "-stolen");
    }
    fflush(stdout);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  return 0;
}
