/// What SQLite said, and to which statement.
package struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
  /// SQLite's extended result code, e.g. 2067 for SQLITE_CONSTRAINT_UNIQUE.
  package var code: Int32
  package var message: String
  /// The statement, or the name of the call that failed.
  package var sql: String
  /// How many values the statement takes.
  package var arguments: Int

  package init(code: Int32, message: String, sql: String, arguments: Int = 0) {
    self.code = code
    self.message = message
    self.sql = sql
    self.arguments = arguments
  }

  /// SQLite's primary result code, e.g. 13 for SQLITE_FULL.
  package var primaryCode: Int32 { code & 0xff }

  package var description: String {
    let with = arguments == 0 ? "" : " with \(arguments) arguments"
    return "SQLite: \(message) (code \(code)) in \"\(sql)\"\(with)"
  }
}
