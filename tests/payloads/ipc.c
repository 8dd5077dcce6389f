// SPDX-License-Identifier: Apache-2.0
// Uses what a container's /dev promises: shared memory, a message queue, a pseudo terminal, random bytes, a
// sink. Prints "THING: ok" or "THING: REASON" a line; ends with 1 if one failed.
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int failures;

static void tell(const char* thing, int worked) {
  printf("%s: %s\n", thing, worked ? "ok" : strerror(errno));
  if (!worked) ++failures;
}

int main(void) {
  const int shared_fd = shm_open("/kelp-ipc", O_RDWR | O_CREAT | O_EXCL, 0600);
  tell("shm", shared_fd >= 0 && ftruncate(shared_fd, 4096) == 0 &&
                  mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, shared_fd, 0) != MAP_FAILED);
  struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = 8};
  const mqd_t queue = mq_open("/kelp-ipc", O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
  tell("mqueue", queue >= 0 && mq_send(queue, "x", 1, 0) == 0);
  const int master_fd = posix_openpt(O_RDWR | O_NOCTTY);
  const char* name =
      master_fd >= 0 && grantpt(master_fd) == 0 && unlockpt(master_fd) == 0 ? ptsname(master_fd) : NULL;
  const int slave_fd = name ? open(name, O_RDWR | O_NOCTTY) : -1;
  tell("pty", slave_fd >= 0 && write(master_fd, "x", 1) == 1);
  char byte;
  const int random_fd = open("/dev/urandom", O_RDONLY);
  tell("urandom", random_fd >= 0 && read(random_fd, &byte, 1) == 1);
  const int null_fd = open("/dev/null", O_RDWR);
  tell("null", null_fd >= 0 && write(null_fd, "x", 1) == 1 && read(null_fd, &byte, 1) == 0);
  const int zero_fd = open("/dev/zero", O_RDONLY);
  tell("zero", zero_fd >= 0 && read(zero_fd, &byte, 1) == 1 && byte == 0);
  const int full_fd = open("/dev/full", O_WRONLY);
  tell("full", full_fd >= 0 && write(full_fd, "x", 1) < 0 && errno == ENOSPC);
  return failures == 0 ? 0 : 1;
}
