// SPDX-License-Identifier: Apache-2.0
// The command that every contender of the bench starts: /bin/true, static, so that no loader or library of
// the root is part of what is measured. With any argument it says so by one byte on stdout and stays until
// its stdin ends: a running container to look at (peak memory). With `calls N` it makes N cheap system calls
// and ends: what a filter costs each. With `idle` it stays until it is ended, for those who enter its
// container.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char** argv) {
  char byte = '.';
  if (argc == 1) return 0;
  if (argc == 3 && strcmp(argv[1], "calls") == 0) {
    for (long left = strtol(argv[2], NULL, 10); left > 0; --left) (void)getppid();
    return 0;
  }
  if (strcmp(argv[1], "idle") == 0) {
    for (;;) pause();
  }
  if (write(STDOUT_FILENO, &byte, 1) != 1) return 1;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}
