#include "CAllocationCount.h"

#include <errno.h>
#include <malloc.h>
#include <stddef.h>

int64_t allocation_bytes_in_use(void) {
  struct mallinfo2 information = mallinfo2();
  return (int64_t)(information.uordblks + information.hblkhd);
}

void allocation_give_back(void) { malloc_trim(0); }

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)

bool allocation_count_is_available(void) { return false; }
int64_t allocation_count(void) { return 0; }
int64_t allocation_bytes_taken(void) { return 0; }

#else

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

// Of the executable's own block of thread-locals, so counting is two instructions and never allocates.
static _Thread_local int64_t count __attribute__((tls_model("initial-exec")));
static _Thread_local int64_t taken __attribute__((tls_model("initial-exec")));

bool allocation_count_is_available(void) { return true; }
int64_t allocation_count(void) { return count; }
int64_t allocation_bytes_taken(void) { return taken; }

void *malloc(size_t size) {
  count++;
  taken += (int64_t)size;
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count++;
  taken += (int64_t)(number * size);
  return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
  count++;
  taken += (int64_t)size;
  return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
  count++;
  taken += (int64_t)size;
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

#endif
