/// Why a user's query has no (complete) answer.
package enum QueryError: Error, Sendable, CustomStringConvertible {
  /// There is no database, or not one of this program.
  case file(StoreError)
  /// The statement would do something else than read.
  case refused(String)
  /// The time limit was reached.
  case timedOut(Duration)
  /// SQLite can't make sense of the statement, or met an error while it ran.
  case statement(DatabaseError)

  package var description: String {
    switch self {
    case .file(let error): error.description
    case .refused(let action): "queries may only read: \(action) is not allowed; write SELECT ..."
    case .timedOut(let limit): "the query took longer than \(limit); narrow it, or allow more time"
    case .statement(let cause): cause.message
    }
  }
}
