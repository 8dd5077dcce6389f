// SPDX-License-Identifier: Apache-2.0
// The command that every contender of the bench starts: /bin/true, static, so that no loader or library of
// the root is part of what is measured. With any argument it says so by one byte on stdout and stays until
// its stdin ends: a running container to look at (peak memory).
#include <unistd.h>

int main(int argc, char** argv) {
  (void)argv;
  char byte = '.';
  if (argc == 1) return 0;
  if (write(STDOUT_FILENO, &byte, 1) != 1) return 1;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}
