#define _GNU_SOURCE
#include "CDiskCount.h"

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static int64_t writes, syncs;

static void count(int64_t *counter) { __atomic_add_fetch(counter, 1, __ATOMIC_RELAXED); }

int64_t disk_writes(void) { return __atomic_load_n(&writes, __ATOMIC_RELAXED); }
int64_t disk_syncs(void) { return __atomic_load_n(&syncs, __ATOMIC_RELAXED); }

ssize_t write(int descriptor, const void *bytes, size_t length) {
  count(&writes);
  return syscall(SYS_write, descriptor, bytes, length);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t place) {
  count(&writes);
  return syscall(SYS_pwrite64, descriptor, bytes, length, place);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t place) {
  count(&writes);
  return syscall(SYS_pwrite64, descriptor, bytes, length, place);
}

int fsync(int descriptor) {
  count(&syncs);
  return (int)syscall(SYS_fsync, descriptor);
}

int fdatasync(int descriptor) {
  count(&syncs);
  return (int)syscall(SYS_fdatasync, descriptor);
}
