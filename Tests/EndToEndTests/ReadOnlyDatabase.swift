import CSQLite

/// The crawl's database, read as any SQLite client would read it.
struct ReadOnlyDatabase: ~Copyable {
  private let handle: OpaquePointer

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  init(_ path: String) throws {
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil)
    guard code == SQLITE_OK, let handle else {
      sqlite3_close(handle)
      throw Failure(description: "\(path): \(String(cString: sqlite3_errstr(code)))")
    }
    self.handle = handle
    sqlite3_busy_timeout(handle, 5_000)
    csqlite_no_checkpoint_on_close(handle)
  }

  deinit {
    sqlite3_close(handle)
  }

  /// All rows, every value as text; NULL is nil.
  borrowing func rows(_ sql: String) throws -> [[String?]] {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else { throw failure(sql) }
    defer { sqlite3_finalize(statement) }
    var rows: [[String?]] = []
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW:
        rows.append(
          (0..<sqlite3_column_count(statement)).map { column in
            sqlite3_column_text(statement, column).map { String(cString: $0) }
          })
      case SQLITE_DONE: return rows
      default: throw failure(sql)
      }
    }
  }

  private borrowing func failure(_ sql: String) -> Failure {
    Failure(description: "\(String(cString: sqlite3_errmsg(handle))): \(sql)")
  }
}

extension Stage {
  /// All rows of one look at the database.
  func rows(_ sql: String) throws -> [[String?]] { try ReadOnlyDatabase(database).rows(sql) }

  /// The first column of all rows, without NULLs.
  func column(_ sql: String) throws -> [String] { try rows(sql).compactMap { $0.first ?? nil } }

  /// The number in the first row; 0 for NULL.
  func number(_ sql: String) throws -> Int {
    guard let value = try rows(sql).first?.first else { throw ReadOnlyDatabase.Failure(description: "no row: \(sql)") }
    return value.flatMap { Int($0) } ?? 0
  }

  /// Changes the database while nothing is committed to it, as the removal of a task would. Texts have to be in scripts with
  /// spaces: the full-text index has them as they are.
  func write(_ sql: String) throws {
    var handle: OpaquePointer?
    defer { sqlite3_close(handle) }
    guard sqlite3_open_v2(database, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else {
      throw ReadOnlyDatabase.Failure(description: "\(database) can't be opened")
    }
    sqlite3_busy_timeout(handle, 5_000)
    csqlite_no_checkpoint_on_close(handle)
    sqlite3_create_function_v2(
      handle, "search_text", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nil,
      { context, _, values in sqlite3_result_value(context, values?[0]) }, nil, nil, nil)
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
      throw ReadOnlyDatabase.Failure(description: String(cString: sqlite3_errmsg(handle)))
    }
  }
}
