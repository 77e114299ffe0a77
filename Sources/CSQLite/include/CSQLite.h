#ifndef CSQLITE_H
#define CSQLITE_H

// The door to SQLite: its own header, and what Swift can't import from it (variadic calls, cast macros). No logic.

#include <sqlite3.h>

/// How many bytes of a database's file are read at its beginning.
#define CSQLITE_HEADER_BYTES 100

/// The beginning of the database's file and its length, by the descriptor that SQLite has: one of our own would, when it is
/// closed, take away all locks that the process has on the file (fcntl(2)). What a shorter file lacks is zero.
int csqlite_read_header(sqlite3 *database, void *header, sqlite3_int64 *length);

/// No global count of memory, and so no mutex around each allocation. Before the first connection of the process.
static inline int csqlite_disable_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

/// Binds text that SQLite copies before it returns.
static inline int csqlite_bind_text_copied(sqlite3_stmt *statement, int index, const char *text, int length) {
  return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

/// Binds text that stays where it is until the statement is reset.
static inline int csqlite_bind_text_borrowed(sqlite3_stmt *statement, int index, const char *text, int length) {
  return sqlite3_bind_text(statement, index, text, length, SQLITE_STATIC);
}

/// Binds bytes that SQLite copies before it returns.
static inline int csqlite_bind_blob_copied(sqlite3_stmt *statement, int index, const void *bytes, int length) {
  return sqlite3_bind_blob(statement, index, bytes, length, SQLITE_TRANSIENT);
}

/// A function's result, which SQLite copies before it returns.
static inline void csqlite_result_blob_copied(sqlite3_context *context, const void *bytes, sqlite3_uint64 length) {
  sqlite3_result_blob64(context, bytes, length, SQLITE_TRANSIENT);
}

/// As above, of a text in UTF-8.
static inline void csqlite_result_text_copied(sqlite3_context *context, const void *bytes, sqlite3_uint64 length) {
  sqlite3_result_text64(context, (const char *)bytes, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// A connection that never checkpoints when it is closed.
static inline int csqlite_no_checkpoint_on_close(sqlite3 *database) {
  return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

/// A connection on which no SQL can damage the file on purpose (writable_schema, shadow tables).
static inline int csqlite_defensive(sqlite3 *database) {
  return sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
}

#endif
