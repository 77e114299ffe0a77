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

  /// Copies the write-ahead log to the database and cuts it.
  /// - Returns: whether that was possible within 5 s: nobody reads an older state.
  func checkpoint() -> Bool {
    // Frames that are left; -1 where there is no such log.
    var frames: CInt = -1
    let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, &frames, nil)
    return code == SQLITE_OK && frames == 0
  }

  deinit { close() }

  func close() {
    sqlite3_close(handle)
    handle = nil
  }
}
