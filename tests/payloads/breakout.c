// SPDX-License-Identifier: Apache-2.0
// breakout FILE: the classic way out of a chroot. A directory is entered by chroot(2) while the working
// directory stays above it; from then on `cd ..` meets no root until the real one. Ends with 0 if FILE, a
// path of the host, is there at the end, with 1 if not, with 2 if chroot itself is refused.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kDepth = 1024 };

static int fail(const char* what) {
  fprintf(stderr, "breakout: %s: %s\n", what, strerror(errno));
  return 2;
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  if (mkdir("foo", 0755) != 0 && errno != EEXIST) return fail("mkdir foo");
  const int above_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (above_fd < 0) return fail("open .");
  if (chroot("foo") != 0) return fail("chroot foo");
  // The descriptor is outside of the new root, and so is the working directory again.
  if (fchdir(above_fd) != 0) return fail("fchdir");
  for (int i = 0; i < kDepth; ++i) {
    if (chdir("..") != 0) return fail("cd ..");
  }
  if (chroot(".") != 0) return fail("chroot .");
  const int is_outside = access(argv[1], F_OK) == 0;
  printf("%s\n", is_outside ? "outside" : "inside");
  return is_outside ? 0 : 1;
}
