#ifndef CDISKCONTROL_H
#define CDISKCONTROL_H

#include <stdint.h>

/// How a test talks to the library CDiskFaults in another process: a file that both map. It says which calls on the files
/// of one directory fail, counts the calls, and has each that changes something recorded.

enum disk_call { disk_write, disk_sync, disk_open, disk_calls };

/// Calls of a kind with these numbers, from 1, fail with this errno. The number 0 means none.
struct disk_fault {
  uint64_t first, last;
  uint64_t error;
};

struct disk_control {
  /// Calls of each kind so far.
  uint64_t counts[disk_calls];
  /// Those of them that failed by order.
  uint64_t failures[disk_calls];
  struct disk_fault faults[disk_calls];
  /// What the file system is said to have free and in all, in bytes; 0: the truth.
  uint64_t free_bytes, total_bytes;
  /// Entries of the record so far.
  uint64_t entries;
  /// The directory, without a slash at its end.
  char directory[512];
  /// The file that the record goes to; empty: none is made.
  char record[512];
};

/// An entry of the record; `length` bytes follow: what was written, or the name of a file.
struct disk_entry {
  /// One of disk_entry_kind.
  uint32_t kind;
  /// The file, by its number; 0 is the directory.
  uint32_t file;
  uint64_t offset;
  uint64_t length;
};

enum disk_entry_kind {
  /// The file with this number has this name from now on.
  disk_entry_name = 1,
  disk_entry_create,
  disk_entry_write,
  /// The file has the length `offset`.
  disk_entry_truncate,
  disk_entry_remove,
  /// A sync has ended well.
  disk_entry_sync,
};

static inline uint64_t disk_load(const uint64_t *value) { return __atomic_load_n(value, __ATOMIC_SEQ_CST); }
static inline void disk_store(uint64_t *value, uint64_t new_value) {
  __atomic_store_n(value, new_value, __ATOMIC_SEQ_CST);
}

/// Maps the file at `path`; NULL when that fails.
struct disk_control *disk_control_map(const char *path);

/// Makes the file at `path`, empty, and maps it; NULL when that fails.
struct disk_control *disk_control_create(const char *path, const char *directory, const char *record);

void disk_control_unmap(struct disk_control *control);

#endif
