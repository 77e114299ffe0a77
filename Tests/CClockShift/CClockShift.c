// Stands between a program and the C library (LD_PRELOAD) for the time of day: it is that of the machine, plus what the
// test says. The machine's clock stays what it is, and so do the program's other clocks; but if the test says that the machine
// has slept, the one that counts this is later by as much, too.
//
// CRAWLD_TEST_CLOCK names a file that begins with the nanoseconds by which the time of day is wrong, and those that the machine
// has slept (int64 each). Without it nothing changes.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t *shift;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("CRAWLD_TEST_CLOCK");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *memory = mmap(NULL, 2 * sizeof *shift, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (memory != MAP_FAILED) shift = memory;
}

static void add(struct timespec *time, const int64_t *word) {
  if (!shift) return;
  int64_t nanoseconds = (int64_t)time->tv_sec * 1000000000 + time->tv_nsec + __atomic_load_n(word, __ATOMIC_SEQ_CST);
  time->tv_sec = nanoseconds / 1000000000;
  time->tv_nsec = nanoseconds % 1000000000;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (result != 0) return result;
  int isOfDay = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (isOfDay) add(time, shift);
  if (isOfDay || clock == CLOCK_BOOTTIME) add(time, shift + 1);
  return result;
}

int gettimeofday(struct timeval *restrict value, void *restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  value->tv_sec = now.tv_sec;
  value->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *value) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (value) *value = now.tv_sec;
  return now.tv_sec;
}
