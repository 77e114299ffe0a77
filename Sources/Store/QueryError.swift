/// Why a user's query has no (complete) answer.
package enum QueryError: Error, Sendable, CustomStringConvertible {
  /// There is no database, or not one of this program.
  case file(StoreError)
  /// The statement would do something else than read.
  case refused(String)
  /// A statement has a parameter without a value; nil: one without a name.
  case missingParameter(String?)
  /// No statement has a parameter of this name.
  case unusedParameter(String)
  /// A value would be longer than this many bytes.
  case tooLong(Int)
  /// The time limit was reached.
  case timedOut(Duration)
  /// It lasted this long, the longest that is allowed, with the time in which the caller took its rows.
  case lastedTooLong(Duration)
  /// SQLite can't make sense of the statement, or met an error while it ran.
  case statement(DatabaseError)

  package var description: String {
    switch self {
    case .file(let error): error.description
    case .refused(let action): "only reading is allowed, not \(action); write SELECT …"
    case .missingParameter(let name?): "the statement has the parameter :\(name): give it a value (--param \(name)=…)"
    case .missingParameter: "the statement has a ? without a name: write :name and give it a value (--param name=…)"
    case .unusedParameter(let name): "no statement has the parameter :\(name)"
    case .tooLong(let bytes): "a value would be longer than \(bytes >> 20) MiB, which is the most"
    case .timedOut(let limit):
      "the query took longer than \(limit); narrow it, or allow more time (--timeout)"
    case .lastedTooLong(let limit):
      "the query was stopped after \(limit), since its rows take so long to be printed; narrow it, or "
        + "allow more time (--timeout)"
    case .statement(let cause): cause.message
    }
  }
}
