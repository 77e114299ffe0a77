#include "CSQLite.h"

int csqlite_read_header(sqlite3 *database, void *header, sqlite3_int64 *length) {
  sqlite3_file *file = 0;
  int result = sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (result != SQLITE_OK) return result;
  if (!file || !file->pMethods) return SQLITE_CANTOPEN;
  result = file->pMethods->xFileSize(file, length);
  if (result != SQLITE_OK) return result;
  result = file->pMethods->xRead(file, header, CSQLITE_HEADER_BYTES, 0);
  return result == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : result;
}
