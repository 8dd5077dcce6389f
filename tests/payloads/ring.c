// SPDX-License-Identifier: Apache-2.0
// ring FAMILY: makes a stream socket of the family (a number) by io_uring, not by socket(2). Prints "ok",
// "errno=N" for the answer of the operation, or "ring: errno=N" where there is no ring.
#include <errno.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int no_ring(void) {
  printf("ring: errno=%d\n", errno);
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int family = atoi(argv[1]);
  struct io_uring_params params;
  memset(&params, 0, sizeof params);
  const int ring = (int)syscall(SYS_io_uring_setup, 1, &params);
  if (ring < 0) return no_ring();
  // One mapping for both rings since 5.4; IORING_OP_SOCKET is of 5.19.
  const size_t size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe) + 4096;
  char* rings = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
  struct io_uring_sqe* entry = mmap(NULL, params.sq_entries * sizeof *entry, PROT_READ | PROT_WRITE,
                                    MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
  if (rings == MAP_FAILED || (void*)entry == MAP_FAILED) return no_ring();
  memset(entry, 0, sizeof *entry);
  entry->opcode = IORING_OP_SOCKET;
  entry->fd = family;
  entry->off = SOCK_STREAM;
  *(unsigned*)(rings + params.sq_off.array) = 0;
  atomic_store((_Atomic unsigned*)(rings + params.sq_off.tail), 1);
  if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) return no_ring();
  const struct io_uring_cqe* done = (const struct io_uring_cqe*)(rings + params.cq_off.cqes);
  if (done->res < 0)
    printf("errno=%d\n", -done->res);
  else
    puts("ok");
  return 0;
}
