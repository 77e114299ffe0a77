// Stands between a program and the C library (LD_PRELOAD) and counts the program's allocations and their bytes, in all its
// threads.
//
// CRAWLD_TEST_WORK names a file of 16 bytes, where the counts are at any time (two int64). Without it nothing is counted.
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t number, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

struct counts {
  int64_t allocations, bytes;
};

static struct counts *counts;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("CRAWLD_TEST_WORK");
  int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *memory = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory != MAP_FAILED) counts = memory;
}

static void count(size_t bytes) {
  if (!counts) return;
  __atomic_add_fetch(&counts->allocations, 1, __ATOMIC_RELAXED);
  __atomic_add_fetch(&counts->bytes, (int64_t)bytes, __ATOMIC_RELAXED);
}

void *malloc(size_t size) {
  count(size);
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count(number * size);
  return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
  count(size);
  return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
  count(size);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
  void *taken = memalign(alignment, size);
  if (!taken) return ENOMEM;
  *block = taken;
  return 0;
}
