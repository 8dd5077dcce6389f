// SPDX-License-Identifier: Apache-2.0
// Prints the numbers of the open descriptors, with blanks, without opening one itself.
#include <fcntl.h>
#include <stdio.h>

enum { kMost = 4096 };

int main(void) {
  const char* separator = "";
  for (int fd = 0; fd < kMost; ++fd) {
    if (fcntl(fd, F_GETFD) < 0) continue;
    printf("%s%d", separator, fd);
    separator = " ";
  }
  printf("\n");
  return 0;
}
