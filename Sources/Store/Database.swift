internal import CSQLite
internal import Glibc

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
      let message = opened.map(Self.message) ?? "out of memory"
      sqlite3_close_v2(opened)
      throw .unavailable(path: path, DatabaseError(code: code, message: message, sql: "open"))
    }
    handle = opened
    SearchText.addFunction(to: opened)
  }

  /// What SQLite says of its latest failure, and what the system said to it, if it did.
  private static func message(_ handle: OpaquePointer) -> String {
    let message = String(cString: sqlite3_errmsg(handle))
    let code = sqlite3_system_errno(handle)
    return code == 0 ? message : "\(message): \(String(cString: strerror(code)))"
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

  /// Runs statements that are interrupted when they take longer, all of them together, than a limit, or when they are
  /// not wanted any more.
  ///
  /// - Parameter isUnwanted: asked every thousand steps of SQLite's machine, on this thread.
  /// - Throws: `.tookTooLong`, `.closed` when unwanted; what the body throws.
  func limited<T>(to time: Duration, isUnwanted: @escaping () -> Bool, _ body: () throws -> T) throws -> T {
    let limit = StepLimit(time, isUnwanted)
    return try withExtendedLifetime(limit) {
      sqlite3_progress_handler(
        handle, 1000,
        { context in
          guard let context else { return 1 }
          return Unmanaged<StepLimit>.fromOpaque(context).takeUnretainedValue().isReached ? 1 : 0
        }, Unmanaged.passUnretained(limit).toOpaque())
      defer { sqlite3_progress_handler(handle, 0, nil, nil) }
      do {
        return try body()
      } catch let error as StoreError where error.cause?.primaryCode == SQLITE_INTERRUPT {
        throw isUnwanted() ? .closed : StoreError.tookTooLong(limit: time)
      }
    }
  }

  private final class StepLimit {
    private let deadline: Int64
    private let isUnwanted: () -> Bool

    init(_ time: Duration, _ isUnwanted: @escaping () -> Bool) {
      deadline = WallClock.monotonic + Int64(min(max(time / .microseconds(1), 0), 1e15))
      self.isUnwanted = isUnwanted
    }

    var isReached: Bool { WallClock.monotonic > deadline || isUnwanted() }
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
