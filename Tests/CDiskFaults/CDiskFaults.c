// Stands between a program and the C library (LD_PRELOAD) for the files of one directory: counts the calls that open,
// write and sync them, lets those fail that the test orders (see CDiskControl.h), and records what they change. The
// program under test is the one that users run; it knows nothing of this.
//
// CRAWLD_TEST_DISK names the file of the control. Without it nothing changes.
#define _GNU_SOURCE
#include "CDiskControl.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static struct disk_control *control;
static int record = -1;
// Held over a call and its entry, so that the record has the order of the calls.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// Files of the directory by number; 0 is the directory itself.
enum { most_files = 64, most_descriptors = 4096, unknown = -1 };
static char names[most_files][64];
static int name_count = 1;
// The file of a descriptor, plus one; 0: none of ours.
static int files[most_descriptors];

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("CRAWLD_TEST_DISK");
  if (path) control = disk_control_map(path);
  if (control && control->record[0])
    record = (int)syscall(SYS_openat, AT_FDCWD, control->record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static bool order(enum disk_call call) {
  uint64_t number = __atomic_add_fetch(&control->counts[call], 1, __ATOMIC_SEQ_CST);
  const struct disk_fault *fault = &control->faults[call];
  uint64_t first = disk_load(&fault->first);
  if (first == 0 || number < first || number > disk_load(&fault->last)) return false;
  __atomic_add_fetch(&control->failures[call], 1, __ATOMIC_SEQ_CST);
  errno = (int)disk_load(&fault->error);
  return true;
}

static void put(const void *bytes, size_t length) {
  while (length > 0) {
    long count = syscall(SYS_write, record, bytes, length);
    if (count < 0 && errno == EINTR) continue;
    // A test's record that can't be written is worth nothing.
    if (count <= 0) abort();
    bytes = (const char *)bytes + count;
    length -= (size_t)count;
  }
}

static void note(enum disk_entry_kind kind, int file, uint64_t offset, const void *bytes, size_t length) {
  if (record < 0 || file < 0) return;
  int kept = errno;
  struct disk_entry entry = {kind, (uint32_t)file, offset, length};
  put(&entry, sizeof entry);
  if (length) put(bytes, length);
  __atomic_add_fetch(&control->entries, 1, __ATOMIC_SEQ_CST);
  errno = kept;
}

// The number of the file at a path; unknown when it is not in the directory. With the lock held.
static int file_at(const char *path) {
  size_t length = strlen(control->directory);
  if (strncmp(path, control->directory, length) != 0) return unknown;
  if (path[length] == 0) return 0;
  if (path[length] != '/') return unknown;
  const char *name = path + length + 1;
  if (strlen(name) >= sizeof names[0]) return unknown;
  for (int file = 1; file < name_count; file++)
    if (strcmp(names[file], name) == 0) return file;
  if (name_count == most_files) return unknown;
  strcpy(names[name_count], name);
  note(disk_entry_name, name_count, 0, name, strlen(name));
  return name_count++;
}

static int file_of(int descriptor) {
  if (!control || descriptor < 0 || descriptor >= most_descriptors) return unknown;
  return __atomic_load_n(&files[descriptor], __ATOMIC_SEQ_CST) - 1;
}

static void set_file(int descriptor, int file) {
  if (descriptor >= 0 && descriptor < most_descriptors)
    __atomic_store_n(&files[descriptor], file + 1, __ATOMIC_SEQ_CST);
}

static int open_at(int directory, const char *path, int flags, mode_t mode) {
  if (!control || strncmp(path, control->directory, strlen(control->directory)) != 0)
    return (int)syscall(SYS_openat, directory, path, flags, mode);
  pthread_mutex_lock(&lock);
  int file = file_at(path);
  int descriptor = -1;
  if (file == unknown || !order(disk_open)) {
    struct stat status;
    bool was_there = stat(path, &status) == 0;
    descriptor = (int)syscall(SYS_openat, directory, path, flags, mode);
    if (descriptor >= 0) {
      set_file(descriptor, file);
      if (!was_there) note(disk_entry_create, file, 0, NULL, 0);
      if (was_there && (flags & O_TRUNC)) note(disk_entry_truncate, file, 0, NULL, 0);
    }
  }
  pthread_mutex_unlock(&lock);
  return descriptor;
}

static mode_t mode_of(int flags, va_list arguments) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define DEFINE_OPEN(name)                                \
  int name(const char *path, int flags, ...) {           \
    va_list arguments;                                   \
    va_start(arguments, flags);                          \
    mode_t mode = mode_of(flags, arguments);             \
    va_end(arguments);                                   \
    return open_at(AT_FDCWD, path, flags, mode);         \
  }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)

#define DEFINE_OPENAT(name)                                   \
  int name(int directory, const char *path, int flags, ...) { \
    va_list arguments;                                        \
    va_start(arguments, flags);                               \
    mode_t mode = mode_of(flags, arguments);                  \
    va_end(arguments);                                        \
    return open_at(directory, path, flags, mode);             \
  }
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)

int close(int descriptor) {
  if (file_of(descriptor) >= 0) set_file(descriptor, unknown);
  return (int)syscall(SYS_close, descriptor);
}

// A write that fails has written a part of what it should.
static ssize_t write_at(int descriptor, int file, const void *bytes, size_t length, off_t offset) {
  pthread_mutex_lock(&lock);
  bool fails = order(disk_write);
  int error = errno;
  ssize_t count = syscall(SYS_pwrite64, descriptor, bytes, fails ? length / 2 : length, offset);
  if (count > 0) note(disk_entry_write, file, (uint64_t)offset, bytes, (size_t)count);
  if (fails) {
    errno = error;
    count = -1;
  }
  pthread_mutex_unlock(&lock);
  return count;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) {
  int file = file_of(descriptor);
  if (file < 0) return syscall(SYS_pwrite64, descriptor, bytes, length, offset);
  return write_at(descriptor, file, bytes, length, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t offset) {
  return pwrite(descriptor, bytes, length, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t length) {
  int file = file_of(descriptor);
  if (file < 0) return syscall(SYS_write, descriptor, bytes, length);
  off_t offset = lseek(descriptor, 0, SEEK_CUR);
  ssize_t count = write_at(descriptor, file, bytes, length, offset);
  if (count > 0) lseek(descriptor, count, SEEK_CUR);
  return count;
}

static int cut(int descriptor, off_t length) {
  int file = file_of(descriptor);
  if (file < 0) return (int)syscall(SYS_ftruncate, descriptor, length);
  pthread_mutex_lock(&lock);
  int result = order(disk_write) ? -1 : (int)syscall(SYS_ftruncate, descriptor, length);
  if (result == 0) note(disk_entry_truncate, file, (uint64_t)length, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}

int ftruncate(int descriptor, off_t length) { return cut(descriptor, length); }
int ftruncate64(int descriptor, off64_t length) { return cut(descriptor, length); }

static int sync_by(long call, int descriptor) {
  int file = file_of(descriptor);
  if (file < 0) return (int)syscall(call, descriptor);
  pthread_mutex_lock(&lock);
  int result = order(disk_sync) ? -1 : (int)syscall(call, descriptor);
  if (result == 0) note(disk_entry_sync, file, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}

int fsync(int descriptor) { return sync_by(SYS_fsync, descriptor); }
int fdatasync(int descriptor) { return sync_by(SYS_fdatasync, descriptor); }

int unlink(const char *path) {
  if (!control) return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  pthread_mutex_lock(&lock);
  int result = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (result == 0) note(disk_entry_remove, file_at(path), 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}

#define DEFINE_STATVFS(name, type)                                                      \
  int name(const char *path, struct type *status) {                                     \
    static int (*original)(const char *, struct type *);                                \
    if (!original) original = (int (*)(const char *, struct type *))dlsym(RTLD_NEXT, #name); \
    int result = original(path, status);                                                \
    if (result != 0 || !control || disk_load(&control->total_bytes) == 0) return result; \
    status->f_frsize = 1;                                                               \
    status->f_blocks = disk_load(&control->total_bytes);                                \
    status->f_bavail = status->f_bfree = disk_load(&control->free_bytes);               \
    return 0;                                                                           \
  }
DEFINE_STATVFS(statvfs, statvfs)
DEFINE_STATVFS(statvfs64, statvfs64)
