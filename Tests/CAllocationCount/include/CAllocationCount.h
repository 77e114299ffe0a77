// Counts what a program takes from the heap: malloc and its kin are defined here, count, and pass on to glibc's own.
// Link it into a benchmark only. Under a sanitizer, which brings a heap of its own, nothing is counted.

#ifndef CALLOCATIONCOUNT_H
#define CALLOCATIONCOUNT_H

#include <stdbool.h>
#include <stdint.h>

// Whether allocations are counted in this build.
bool allocation_count_is_available(void);
// How often the calling thread has taken memory from the heap (or changed the size of what it had) so far.
int64_t allocation_count(void);
// The bytes that it asked for, what it gave back not taken off.
int64_t allocation_bytes_taken(void);
// How many bytes of the heap are in use by the process, with the allocator's own overhead.
int64_t allocation_bytes_in_use(void);
// Gives the pages of the heap that are free back to the kernel.
void allocation_give_back(void);

#endif
