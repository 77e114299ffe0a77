// Counts the calls by which a program writes to files and syncs them: the C library's functions are defined here, count, and
// ask the kernel. Link it into a benchmark only.

#ifndef CDISKCOUNT_H
#define CDISKCOUNT_H

#include <stdint.h>

// Calls of write, pwrite and pwrite64 so far, of all threads.
int64_t disk_writes(void);
// Calls of fsync and fdatasync so far, of all threads.
int64_t disk_syncs(void);

#endif
