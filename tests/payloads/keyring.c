// SPDX-License-Identifier: Apache-2.0
// keyring add NAME PROGRAM [ARG...]: puts a key into the session keyring, a new one, and executes PROGRAM.
// keyring find NAME: ends with 0 if the session keyring leads to that key, with 1 if not.
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc >= 4 && strcmp(argv[1], "add") == 0) {
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
        syscall(SYS_add_key, "user", argv[2], "secret", 6, KEY_SPEC_SESSION_KEYRING) < 0) {
      perror("keyring: add");
      return 2;
    }
    execvp(argv[3], argv + 3);
    perror(argv[3]);
    return 2;
  }
  if (argc != 3 || strcmp(argv[1], "find") != 0) return 2;
  if (syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", argv[2], 0) >= 0) return 0;
  printf("%s\n", strerror(errno));
  return 1;
}
