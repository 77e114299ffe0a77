internal import CSQLite

/// One SQLite connection. Used by one thread at a time; never shared.
package final class Database {
  let handle: OpaquePointer
  private var cache: [String: Statement] = [:]
  private var isClosed = false

  /// What is set once per process, before the first connection.
  private static let isConfigured = csqlite_disable_memory_statistics() == SQLITE_OK

  /// How a connection may use its file.
  enum Access {
    case readWriteCreate
    case readOnly
  }

  /// Opens the file.
  ///
  /// - Throws: `.unavailable` when SQLite can't open or create it. Whether it is a database is known only when it is
  ///   read for the first time.
  init(path: String, access: Access) throws(StoreError) {
    _ = Self.isConfigured
    let flags =
      switch access {
      case .readWriteCreate: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      case .readOnly: SQLITE_OPEN_READONLY
      }
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard code == SQLITE_OK, let opened else {
      let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(opened)
      throw .unavailable(path: path, DatabaseError(code: code, message: message, sql: "open"))
    }
    handle = opened
  }

  deinit { close() }

  /// Closes the connection; statements that others still hold keep its memory until they go. A second call does nothing.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    cache.removeAll()
    sqlite3_close_v2(handle)
  }

  /// Runs statements that return nothing, one after the other, and stops at the first that fails.
  package func execute(_ sql: String) throws(StoreError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code, sql) }
  }

  /// The compiled form of a statement, kept for its next use. Always reset: ready to be bound.
  package func statement(_ sql: String) throws(StoreError) -> Statement {
    if let kept = cache[sql] {
      kept.reset()
      return kept
    }
    let new = try Statement(database: handle, sql: sql, isKept: true)
    cache[sql] = new
    return new
  }

  /// Runs a transaction: all that the body does, or nothing of it when it throws.
  ///
  /// - Throws: what the body throws, or the failure of BEGIN or COMMIT.
  package func transaction<T>(_ body: () throws -> T) throws -> T {
    try statement("BEGIN IMMEDIATE").run()
    do {
      let result = try body()
      try statement("COMMIT").run()
      return result
    } catch {
      if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      throw error
    }
  }

  /// Runs reads that all see the same state of the file.
  package func snapshot<T>(_ body: () throws -> T) throws -> T {
    try statement("BEGIN").run()
    defer { sqlite3_exec(handle, "COMMIT", nil, nil, nil) }
    return try body()
  }

  /// Rows changed by the last INSERT, UPDATE or DELETE.
  package var changes: Int { Int(sqlite3_changes64(handle)) }

  /// The first column of the first row, `nil` when there is none or it is NULL.
  package func integer(_ sql: String) throws(StoreError) -> Int64? {
    let statement = try statement(sql)
    defer { statement.reset() }
    guard try statement.step() else { return nil }
    return statement.integerOrNil(0)
  }

  func error(_ code: Int32, _ sql: String) -> StoreError {
    .database(DatabaseError(code: code, message: String(cString: sqlite3_errmsg(handle)), sql: sql))
  }
}
