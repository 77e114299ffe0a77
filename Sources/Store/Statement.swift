internal import CSQLite

/// A compiled statement. Bind its values from 1 up, step through its rows, reset it.
///
/// Text and bytes are copied once, to a buffer of the statement that SQLite reads in place; nothing is allocated per
/// value. An error of `bind` is kept and thrown by the next `step`, so that binding reads as a plain list.
package final class Statement {
  private let pointer: OpaquePointer
  private let database: OpaquePointer
  private let buffer: UnsafeMutableRawPointer
  private var used = 0
  private var bindError: Int32 = 0

  /// Longer rows than this are copied by SQLite.
  private static let capacity = 16 * 1024

  init(database: OpaquePointer, sql: String, isKept: Bool) throws(StoreError) {
    var compiled: OpaquePointer?
    let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
    let code = sqlite3_prepare_v3(database, sql, -1, flags, &compiled, nil)
    guard code == SQLITE_OK, let compiled else {
      let message = code == SQLITE_OK ? "there is no statement" : String(cString: sqlite3_errmsg(database))
      throw .database(DatabaseError(code: code == SQLITE_OK ? SQLITE_MISUSE : code, message: message, sql: sql))
    }
    pointer = compiled
    self.database = database
    buffer = .allocate(byteCount: Self.capacity, alignment: 8)
  }

  private init(database: OpaquePointer, compiled: OpaquePointer) {
    pointer = compiled
    self.database = database
    buffer = .allocate(byteCount: Self.capacity, alignment: 8)
  }

  /// The first statement of a text, which loses it; `nil` when there is none left.
  static func next(database: OpaquePointer, rest: inout Substring) throws(StoreError) -> Statement? {
    while !rest.isEmpty {
      let text = Array(rest.utf8)
      var compiled: OpaquePointer?
      var used = text.count
      let code = text.withUnsafeBufferPointer { bytes in
        bytes.withMemoryRebound(to: CChar.self) { characters in
          var tail: UnsafePointer<CChar>?
          let code = sqlite3_prepare_v2(database, characters.baseAddress, Int32(clamping: text.count), &compiled, &tail)
          if let tail, let start = characters.baseAddress { used = tail - start }
          return code
        }
      }
      guard code == SQLITE_OK else {
        let message = String(cString: sqlite3_errmsg(database))
        throw .database(DatabaseError(code: code, message: message, sql: String(rest)))
      }
      rest = Substring(String(decoding: text[max(used, 1)...], as: UTF8.self))
      if let compiled { return Statement(database: database, compiled: compiled) }
    }
    return nil
  }

  deinit {
    sqlite3_finalize(pointer)
    buffer.deallocate()
  }

  package var sql: String { String(cString: sqlite3_sql(pointer)) }

  /// Goes to the next row; `false` when there is none.
  package func step() throws(StoreError) -> Bool {
    if bindError != SQLITE_OK { throw failure(bindError) }
    let code = sqlite3_step(pointer)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw failure(code)
    }
  }

  /// Runs a statement that returns no rows, and resets it.
  package func run() throws(StoreError) {
    defer { reset() }
    while try step() {}
  }

  /// Makes it ready to be bound and run again; values bound before are NULL then.
  package func reset() {
    sqlite3_reset(pointer)
    sqlite3_clear_bindings(pointer)
    used = 0
    bindError = SQLITE_OK
  }

  private func failure(_ code: Int32) -> StoreError {
    let error = DatabaseError(
      code: code, message: String(cString: sqlite3_errmsg(database)), sql: sql,
      arguments: Int(sqlite3_bind_parameter_count(pointer)))
    reset()
    return .database(error)
  }

  // MARK: Values in

  package func bind(_ index: Int32, _ value: Int64) { note(sqlite3_bind_int64(pointer, index, value)) }

  package func bind(_ index: Int32, _ value: Int) { note(sqlite3_bind_int64(pointer, index, Int64(value))) }

  package func bind(_ index: Int32, _ value: Bool) { note(sqlite3_bind_int64(pointer, index, value ? 1 : 0)) }

  /// The same 64 bits, read by SQL as a signed number.
  package func bind(_ index: Int32, bits value: UInt64) {
    note(sqlite3_bind_int64(pointer, index, Int64(bitPattern: value)))
  }

  package func bind(_ index: Int32, _ value: Int64?) {
    if let value { bind(index, value) }
  }

  package func bind(_ index: Int32, _ value: Int?) {
    if let value { bind(index, value) }
  }

  package func bind(_ index: Int32, bits value: UInt64?) {
    if let value { bind(index, bits: value) }
  }

  package func bind(_ index: Int32, _ value: String?) {
    if let value { bind(index, value) }
  }

  package func bind(_ index: Int32, _ value: String) {
    var value = value
    value.withUTF8 { bindText(index, UnsafeRawBufferPointer($0)) }
  }

  package func bind(_ index: Int32, _ value: Double) { note(sqlite3_bind_double(pointer, index, value)) }

  package func bind(_ index: Int32, _ value: [UInt8]?) {
    guard let value else { return }
    let code = value.withUnsafeBytes { bytes in
      bytes.isEmpty
        ? sqlite3_bind_zeroblob(pointer, index, 0)
        : csqlite_bind_blob_copied(pointer, index, bytes.baseAddress, Int32(clamping: bytes.count))
    }
    note(code)
  }

  /// The parameters' names without their `:`, `@` or `$`, from 1 up; nil for those without one.
  package var parameterNames: [String?] {
    (0..<sqlite3_bind_parameter_count(pointer)).map { index in
      sqlite3_bind_parameter_name(pointer, index + 1).map { String(String(cString: $0).dropFirst()) }
    }
  }

  private func bindText(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
    let count = bytes.count
    guard let base = bytes.baseAddress else {
      note(csqlite_bind_text_borrowed(pointer, index, buffer.assumingMemoryBound(to: CChar.self), 0))
      return
    }
    guard count <= Self.capacity - used else {
      note(csqlite_bind_text_copied(pointer, index, base.assumingMemoryBound(to: CChar.self), Int32(clamping: count)))
      return
    }
    let place = buffer + used
    place.copyMemory(from: base, byteCount: count)
    used += count
    note(csqlite_bind_text_borrowed(pointer, index, place.assumingMemoryBound(to: CChar.self), Int32(count)))
  }

  private func note(_ code: Int32) {
    if code != SQLITE_OK, bindError == SQLITE_OK { bindError = code }
  }

  // MARK: Values out

  package var columnCount: Int32 { sqlite3_column_count(pointer) }

  package func columnName(_ column: Int32) -> String {
    sqlite3_column_name(pointer, column).map { String(cString: $0) } ?? ""
  }

  package func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }

  package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

  package func count(_ column: Int32) -> Int { Int(sqlite3_column_int64(pointer, column)) }

  package func bits(_ column: Int32) -> UInt64 { UInt64(bitPattern: sqlite3_column_int64(pointer, column)) }

  package func integerOrNil(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

  package func countOrNil(_ column: Int32) -> Int? { isNull(column) ? nil : count(column) }

  package func bitsOrNil(_ column: Int32) -> UInt64? { isNull(column) ? nil : bits(column) }

  package func real(_ column: Int32) -> Double { sqlite3_column_double(pointer, column) }

  package func text(_ column: Int32) -> String {
    guard let start = sqlite3_column_text(pointer, column) else { return "" }
    let length = Int(sqlite3_column_bytes(pointer, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self)
  }

  package func textOrNil(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  package func blobOrNil(_ column: Int32) -> [UInt8]? {
    guard !isNull(column) else { return nil }
    guard let start = sqlite3_column_blob(pointer, column) else { return [] }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))))
  }

  /// SQLite's type of the value in the current row.
  func type(_ column: Int32) -> Int32 { sqlite3_column_type(pointer, column) }
}
