internal import CSQLite

/// Commits fail. What was appended stays queued and is tried again; nothing is lost meanwhile.
package struct StoreFailure: Sendable, Equatable {
  /// Whom to look at.
  package enum Kind: String, Sendable {
    /// No space, or an error of the medium.
    case disk
    /// Anything else that SQLite refuses.
    case database
  }

  package var kind: Kind
  package var sentence: String
  /// When it began, in microseconds since 1970 UTC.
  package var since: Int64

  package init(kind: Kind, sentence: String, since: Int64) {
    self.kind = kind
    self.sentence = sentence
    self.since = since
  }

  /// - Parameter writers: processes that were writing to the database when SQLite refused to.
  init(_ error: StoreError, since: Int64, writers: [String] = []) {
    self.since = since
    guard let cause = error.cause else {
      kind = if case .displaced = error { .disk } else { .database }
      sentence = error.description
      return
    }
    switch cause.primaryCode {
    case SQLITE_FULL:
      kind = .disk
      sentence = "the disk is full (\(cause.message))"
    case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY:
      kind = .disk
      sentence = "the disk does not take the data (\(cause.message), code \(cause.code))"
    case SQLITE_BUSY:
      kind = .database
      let who = writers.isEmpty ? "another process" : writers.joined(separator: ", ")
      sentence = "\(who) writes to the database; nothing is committed until that ends (\(cause.message))"
    default:
      kind = .database
      sentence = cause.description
    }
  }
}
