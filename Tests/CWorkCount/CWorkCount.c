// Stands between a program and its libraries (LD_PRELOAD) and counts what it does, in all its threads: allocations, their
// bytes, and the jobs of its event loops.
//
// CRAWLD_TEST_WORK names a file of 24 bytes, where the counts are at any time (three int64). Without it nothing is counted.
#define _GNU_SOURCE
#include <dlfcn.h>
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
  int64_t allocations, bytes, jobs;
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

// How an event loop runs each of its jobs: the runtime's functions, of coroutines within actors and outside of them. An
// executor is two words.
#if __has_attribute(swiftcall)
#define SWIFT __attribute__((swiftcall))

// The function of that name which this one stands before.
static void *function(void **place, const char *name) {
  void *next = __atomic_load_n(place, __ATOMIC_RELAXED);
  if (!next) __atomic_store_n(place, next = dlsym(RTLD_NEXT, name), __ATOMIC_RELAXED);
  if (counts) __atomic_add_fetch(&counts->jobs, 1, __ATOMIC_RELAXED);
  return next;
}

SWIFT void swift_job_run_on_serial_and_task_executor(void *job, void *serial, void *table, void *task, void *task_table) {
  static void *next;
  void *run = function(&next, "swift_job_run_on_serial_and_task_executor");
  ((SWIFT void (*)(void *, void *, void *, void *, void *))run)(job, serial, table, task, task_table);
}

SWIFT void swift_job_run_on_task_executor(void *job, void *task, void *task_table) {
  static void *next;
  void *run = function(&next, "swift_job_run_on_task_executor");
  ((SWIFT void (*)(void *, void *, void *))run)(job, task, task_table);
}
#endif
