// SPDX-License-Identifier: Apache-2.0
// Prints "uid=N euid=N gid=N egid=N effective=MASK", the capability mask in hexadecimal: what a setuid
// program has become.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
  char line[256];
  char mask[64] = "?";
  FILE* status = fopen("/proc/self/status", "re");
  while (status && fgets(line, sizeof line, status)) {
    if (strncmp(line, "CapEff:", 7) == 0) sscanf(line + 7, "%63s", mask);
  }
  if (status) fclose(status);
  printf("uid=%u euid=%u gid=%u egid=%u effective=%s\n", getuid(), geteuid(), getgid(), getegid(), mask);
  return 0;
}
