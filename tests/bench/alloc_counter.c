// SPDX-License-Identifier: Apache-2.0
// A preload that counts what a program asks of the allocator: bytes and calls, into the file that
// KELP_BENCH_COUNT names. The file is mapped shared, so that what the child of a clone allocates is counted
// too, whatever it closes, and however it ends. Frees are not counted: the sum is the work, not the peak.
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* old, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

struct counts {
  _Atomic unsigned long long bytes;
  _Atomic unsigned long long calls;
};

static struct counts* counts;

__attribute__((constructor)) static void map_counts(void) {
  const char* path = getenv("KELP_BENCH_COUNT");
  int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void* mapped = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped != MAP_FAILED) counts = mapped;
  close(fd);
}

static void count(size_t size) {
  if (!counts) return;
  atomic_fetch_add_explicit(&counts->bytes, size, memory_order_relaxed);
  atomic_fetch_add_explicit(&counts->calls, 1, memory_order_relaxed);
}

void* malloc(size_t size) {
  count(size);
  return __libc_malloc(size);
}

void* calloc(size_t number, size_t size) {
  count(number * size);
  return __libc_calloc(number, size);
}

void* realloc(void* old, size_t size) {
  count(size);
  return __libc_realloc(old, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  count(size);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** result, size_t alignment, size_t size) {
  count(size);
  *result = __libc_memalign(alignment, size);
  return *result ? 0 : ENOMEM;
}
