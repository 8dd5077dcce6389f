// SPDX-License-Identifier: Apache-2.0
// Makes one system call by its number: syscall WAY NUMBER [ARGUMENT...]. WAY: native, x32 (the same entry,
// with the bit of x32), i386 (int 0x80 of a 64-bit program). Prints "ok" or "errno=N"; a signal is told by
// the status.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define X32_BIT 0x40000000L

static long by_int80(long number, const long* arguments) {
#ifdef __x86_64__
  long result;
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(number), "b"(arguments[0]), "c"(arguments[1]), "d"(arguments[2]), "S"(arguments[3]),
                     "D"(arguments[4])
                   : "memory", "r8", "r9", "r10", "r11");
  return (int)result;
#else
  (void)number;
  (void)arguments;
  return -ENOSYS;
#endif
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  long arguments[6] = {0};
  for (int i = 3; i < argc && i < 9; ++i) arguments[i - 3] = (long)strtoull(argv[i], NULL, 0);
  const long number = strtol(argv[2], NULL, 0);
  long result;
  if (strcmp(argv[1], "i386") == 0) {
    result = by_int80(number, arguments);
    errno = (int)-result;
    if (result < 0 && result > -4096) result = -1;
  } else {
    result = syscall(number | (strcmp(argv[1], "x32") == 0 ? X32_BIT : 0), arguments[0], arguments[1],
                     arguments[2], arguments[3], arguments[4], arguments[5]);
  }
  if (result == -1)
    printf("errno=%d\n", errno);
  else
    puts("ok");
  return 0;
}
