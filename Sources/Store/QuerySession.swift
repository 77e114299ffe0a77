internal import CSQLite

/// A user's door to the database: read-only, bounded in time and rows, with or without a running daemon.
///
/// Synchronous, for a program of its own; the daemon does not use it.
package final class QuerySession {
  private let database: Database
  private let guardian = Guardian()
  private let longestValue: Int32

  /// What SQLite's callbacks see.
  private final class Guardian {
    /// When the query's own time is over.
    var deadline: Int64 = .max
    /// When it ends however long its rows take to be taken.
    var end: Int64 = .max
    var isLate = false
    var refused: String?
  }

  /// How a query ended.
  package struct Outcome: Sendable, Equatable {
    package var rows: Int
    /// There are more rows than the limit allows.
    package var isTruncated: Bool
  }

  /// Opens the database at this path.
  ///
  /// - Parameter longestValue: bytes of a value, 64 MiB for users' queries.
  /// - Throws: `.file` when there is none, or it is not one of this program.
  package init(path: String, longestValue: Int32 = 64 << 20) throws(QueryError) {
    self.longestValue = longestValue
    do throws(StoreError) {
      database = try DatabaseFile.openForReading(path: path)
      let isEmpty = try DatabaseFile.judge(database, path: path)
      if isEmpty { throw StoreError.foreign(path: path) }
    } catch {
      throw .file(DatabaseFile.refusal(of: path, error))
    }
    limitMemory(longestValue)
    // Pages that are come to again and again, as those of a join's inner table.
    do { try database.execute("PRAGMA cache_size = -65536") } catch { throw .file(error) }
    installCallbacks()
    addFunctions(to: database.handle)
  }

  /// Runs the statements of a text one after the other.
  ///
  /// - Parameter parameters: values for `:name`, `@name` and `$name` in the statements.
  /// - Parameter begin: called with the column names of each statement, before its rows.
  /// - Parameter row: called with each row; what it takes is no time of the query, which ends after `limits.longest` all the
  ///   same. Whatever these two throw ends the query and is thrown.
  /// - Throws: `QueryError`, at the first statement that fails; rows delivered before stay delivered. A parameter that no
  ///   statement has is refused before any of them runs.
  package func run(
    _ sql: String, limits: QueryLimits = QueryLimits(), parameters: [String: QueryValue] = [:],
    begin: ([String]) throws -> Void, row: ([QueryValue]) throws -> Void
  ) throws -> Outcome {
    let start = WallClock.monotonic
    guardian.end = start + Self.microseconds(limits.longest)
    guardian.deadline = min(start + Self.microseconds(limits.time), guardian.end)
    guardian.isLate = false
    guardian.refused = nil
    var outcome = Outcome(rows: 0, isTruncated: false)
    var rest = Substring(sql)
    try requireUse(of: parameters, in: rest)
    while !outcome.isTruncated, let statement = try next(&rest, limits) {
      try bind(parameters, to: statement)
      let columns = statement.columnCount
      if columns > 0 { try begin((0..<columns).map { statement.columnName($0) }) }
      while try step(statement, limits) {
        if outcome.rows == limits.rows {
          outcome.isTruncated = true
          break
        }
        outcome.rows += 1
        let start = WallClock.monotonic
        try row((0..<columns).map { value(statement, $0) })
        guardian.deadline = min(guardian.deadline + WallClock.monotonic - start, guardian.end)
      }
    }
    return outcome
  }

  /// How much longer the query that runs may last, whatever takes its rows.
  package var rest: Duration { .microseconds(max(0, guardian.end - WallClock.monotonic)) }

  private static func microseconds(_ duration: Duration) -> Int64 {
    Int64(min(max(duration / .microseconds(1), 0), 1e15))
  }

  /// What can't be compiled, or has a parameter without a name, is said when its turn comes.
  private func requireUse(of parameters: [String: QueryValue], in sql: Substring) throws(QueryError) {
    var unused = Set(parameters.keys)
    var rest = sql
    while !unused.isEmpty {
      do throws(StoreError) {
        guard let statement = try Statement.next(database: database.handle, rest: &rest) else { break }
        let names = statement.parameterNames
        if names.contains(where: { $0 == nil }) { return }
        unused.subtract(names.compactMap(\.self))
      } catch {
        guardian.refused = nil
        return
      }
    }
    if let name = unused.min() { throw .unusedParameter(name) }
  }

  private func bind(_ parameters: [String: QueryValue], to statement: Statement) throws(QueryError) {
    for (index, name) in zip(Int32(1)..., statement.parameterNames) {
      guard let name, let value = parameters[name] else { throw .missingParameter(name) }
      switch value {
      case .null: break
      case .integer(let integer): statement.bind(index, integer)
      case .real(let real): statement.bind(index, real)
      case .text(let text): statement.bind(index, text)
      case .blob(let bytes): statement.bind(index, bytes)
      }
    }
  }

  /// The statements that make up the database, with the comments that document each column.
  package func schema() throws(QueryError) -> String {
    do throws(StoreError) {
      let row = try database.statement(
        """
        SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT IN (\(Self.shadowTables))
        ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'view' THEN 1 ELSE 2 END, rowid
        """)
      defer { row.reset() }
      var text = ""
      while try row.step() { text += row.text(0) + ";\n\n" }
      return text
    } catch {
      throw .file(error)
    }
  }

  /// Tables in which a virtual table keeps what it has, and what only the full-text index and its replacement ask.
  static let shadowTables = """
    SELECT name FROM pragma_table_list WHERE type = 'shadow' OR name IN ('page_search_texts', 'page_search_old')
    """

  private func next(_ rest: inout Substring, _ limits: QueryLimits) throws(QueryError) -> Statement? {
    do throws(StoreError) {
      return try Statement.next(database: database.handle, rest: &rest)
    } catch {
      throw explain(error, of: String(rest), limits)
    }
  }

  private func step(_ statement: Statement, _ limits: QueryLimits) throws(QueryError) -> Bool {
    // SQLite asks for the time after many steps alone.
    if WallClock.monotonic >= guardian.deadline { throw lateness(limits) }
    do throws(StoreError) {
      return try statement.step()
    } catch {
      throw explain(error, of: statement.sql, limits)
    }
  }

  private func lateness(_ limits: QueryLimits) -> QueryError {
    guardian.deadline < guardian.end ? .timedOut(limits.time) : .lastedTooLong(limits.longest)
  }

  private func explain(_ error: StoreError, of sql: String, _ limits: QueryLimits) -> QueryError {
    guard let cause = error.cause else { return .file(error) }
    if let refused = guardian.refused { return .refused(Self.name(of: refused, in: sql)) }
    switch cause.primaryCode {
    case SQLITE_INTERRUPT where guardian.isLate: return lateness(limits)
    case SQLITE_READONLY: return .refused(Self.name(of: "changing the database", in: sql))
    case SQLITE_TOOBIG where cause.message.hasPrefix("string or blob"): return .tooLong(Int(longestValue))
    default: return .statement(cause)
    }
  }

  /// What is refused as its user wrote it: the word that the statement begins with, where that says more than what SQLite
  /// makes of it (CREATE is an INSERT, VACUUM an ATTACH).
  private static func name(of action: String, in sql: String) -> String {
    if action.hasPrefix("PRAGMA") || action.hasSuffix("()") { return action }
    var rest = sql[...]
    while let first = rest.first {
      if rest.hasPrefix("--") {
        rest = rest.drop { !$0.isNewline }
      } else if rest.hasPrefix("/*") {
        rest = rest.firstRange(of: "*/").map { rest[$0.upperBound...] } ?? ""
      } else if first.isWhitespace || first == ";" {
        rest = rest.dropFirst()
      } else {
        break
      }
    }
    let word = rest.prefix { $0.isASCII && $0.isLetter }.uppercased()
    return ["", "WITH", "EXPLAIN", "SELECT", "VALUES"].contains(word) ? action : word
  }

  private func value(_ statement: Statement, _ column: Int32) -> QueryValue {
    switch statement.type(column) {
    case SQLITE_INTEGER: .integer(statement.integer(column))
    case SQLITE_FLOAT: .real(statement.real(column))
    case SQLITE_TEXT: .text(statement.text(column))
    case SQLITE_BLOB: .blob(statement.blobOrNil(column) ?? [])
    default: .null
    }
  }

  // MARK: Limits

  private func limitMemory(_ longestValue: Int32) {
    sqlite3_limit(database.handle, SQLITE_LIMIT_LENGTH, longestValue)
    sqlite3_limit(database.handle, SQLITE_LIMIT_SQL_LENGTH, 1 << 20)
    sqlite3_limit(database.handle, SQLITE_LIMIT_ATTACHED, 0)
    _ = csqlite_defensive(database.handle)
  }

  private func installCallbacks() {
    let context = Unmanaged.passUnretained(guardian).toOpaque()
    sqlite3_progress_handler(
      database.handle, 1000,
      { context in
        guard let context else { return 1 }
        let guardian = Unmanaged<Guardian>.fromOpaque(context).takeUnretainedValue()
        guardian.isLate = WallClock.monotonic > guardian.deadline
        return guardian.isLate ? 1 : 0
      }, context)
    sqlite3_set_authorizer(
      database.handle,
      { context, action, first, second, _, _ in
        let refusal = QuerySession.refusal(
          of: action, first.map { String(cString: $0) }, second.map { String(cString: $0) })
        guard let refusal else { return SQLITE_OK }
        if let context { Unmanaged<Guardian>.fromOpaque(context).takeUnretainedValue().refused = refusal }
        return SQLITE_DENY
      }, context)
  }

  /// Pragmas that tell about the schema; all others, and every pragma with a value to set, are refused.
  private static let readingPragmas: Set<String> = [
    "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list",
    "function_list", "collation_list",
  ]
  private static let statingPragmas: Set<String> = [
    "application_id", "user_version", "page_count", "page_size", "freelist_count", "encoding", "journal_mode",
    "auto_vacuum", "schema_version", "compile_options",
    // What the full-text index asks before each search.
    "data_version",
  ]

  /// What an action is called when it is refused; `nil` when it is allowed.
  private static func refusal(of action: Int32, _ first: String?, _ second: String?) -> String? {
    switch action {
    case SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE: return nil
    case SQLITE_FUNCTION: return second == "load_extension" ? "load_extension()" : nil
    case SQLITE_PRAGMA:
      let name = (first ?? "").lowercased()
      if readingPragmas.contains(name) || (second == nil && statingPragmas.contains(name)) { return nil }
      return "PRAGMA \(name)"
    case SQLITE_INSERT: return "INSERT"
    // SQLite asks this for the columns of its own table when a virtual table (json_each, the full-text index) is used for
    // the first time; nobody can change it through a connection that reads only.
    case SQLITE_UPDATE where first == "sqlite_master": return nil
    case SQLITE_UPDATE: return "UPDATE"
    case SQLITE_DELETE: return "DELETE"
    case SQLITE_ATTACH, SQLITE_DETACH: return "ATTACH"
    case SQLITE_TRANSACTION, SQLITE_SAVEPOINT: return "a transaction of one's own"
    default: return "changing the schema"
    }
  }
}
