import CSQLite
import Testing

/// Somebody else's connection to the database, in the middle of a transaction.
final class Holder: @unchecked Sendable {
  private var handle: OpaquePointer?

  init(_ path: String, _ sql: String) throws {
    #expect(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK)
    sqlite3_busy_timeout(handle, 5_000)
    if let handle { _ = csqlite_no_checkpoint_on_close(handle) }
    try #require(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
  }

  func execute(_ sql: String) throws {
    try #require(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
  }

  deinit { close() }

  func close() {
    sqlite3_close(handle)
    handle = nil
  }
}
