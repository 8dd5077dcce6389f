// SPDX-License-Identifier: Apache-2.0
// Takes what a limit should not give: `eater memory MIB` touches so much memory, `eater processes N` has so
// many children at once. 0: it got all; 1: it was refused.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int eat_memory(size_t mebibytes) {
  char* memory = mmap(NULL, mebibytes << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    perror("mmap");
    return 1;
  }
  for (size_t at = 0; at < mebibytes << 20; at += 4096) memory[at] = 1;
  printf("got %zu MiB\n", mebibytes);
  return 0;
}

static int eat_processes(int count) {
  for (int made = 0; made < count; ++made) {
    const pid_t pid = fork();
    if (pid < 0) {
      printf("got %d\n", made);
      fflush(stdout);
      perror("fork");
      signal(SIGTERM, SIG_IGN);
      kill(0, SIGTERM);
      return 1;
    }
    if (pid == 0) {
      pause();
      _exit(0);
    }
  }
  printf("got %d\n", count);
  fflush(stdout);
  signal(SIGTERM, SIG_IGN);
  kill(0, SIGTERM);
  while (wait(NULL) > 0) {
  }
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  if (strcmp(argv[1], "memory") == 0) return eat_memory((size_t)atol(argv[2]));
  return eat_processes(atoi(argv[2]));
}
