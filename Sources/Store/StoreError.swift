internal import CSQLite

/// Why the store can't do what it was asked for.
package enum StoreError: Error, Sendable, CustomStringConvertible {
  /// The file is no database of this program; nothing was changed.
  case foreign(path: String)
  /// A newer program wrote the file; nothing was changed.
  case newer(path: String, version: Int64)
  /// The file is damaged; nothing was changed.
  case damaged(path: String, DatabaseError)
  /// The file can't be opened or created.
  case unavailable(path: String, DatabaseError)
  /// The file can't be opened or created, since its file system has no room; `free` bytes, where that is known.
  case full(path: String, free: Int?, DatabaseError)
  /// A statement failed.
  case database(DatabaseError)
  /// The file was removed, moved or replaced while it was open: what is written to it nobody would find.
  case displaced(path: String)
  /// Commits fail at the moment, so nothing can be acknowledged.
  case failing(StoreFailure)
  /// The answer to a user's question was not found in time.
  case tookTooLong(limit: Duration)
  /// The store was closed.
  case closed

  package var description: String {
    switch self {
    case .foreign(let path):
      "\(path) is not a database of crawld; name another file, or move this one away"
    case .newer(let path, let version):
      "\(path) was written by a newer crawld (layout \(version), this program knows up to \(Schema.version))"
    case .damaged(let path, let cause):
      "\(path) is damaged (\(cause.message)); restore it from a copy, or move it away to begin anew"
    case .unavailable(let path, let cause):
      "\(path) can't be opened: \(cause.message)"
    case .full(let path, let free, let cause):
      "\(path) can't be opened: the disk is full (\(free.map { "\($0) bytes free; " } ?? "")\(cause.message))"
    case .database(let cause):
      cause.description
    case .displaced(let path):
      "\(path) is not the file any more that was opened: it was removed, moved or replaced; put it back"
    case .failing(let failure):
      "results can't be written: \(failure.sentence)"
    case .tookTooLong(let limit):
      "the question took too long (more than \(limit)); use crawlctl query, which takes a --timeout"
    case .closed:
      "the store is closed"
    }
  }

  /// SQLite's part of it, when it has one.
  package var cause: DatabaseError? {
    switch self {
    case .damaged(_, let cause), .unavailable(_, let cause), .full(_, _, let cause), .database(let cause): cause
    case .foreign, .newer, .displaced, .failing, .tookTooLong, .closed: nil
    }
  }

  /// Another connection held the database for the whole busy time-out.
  var isBusy: Bool { cause?.primaryCode == SQLITE_BUSY }

  /// Every error as one of this room; what is no StoreError keeps its text.
  init(_ error: any Error) {
    if let error = error as? StoreError {
      self = error
    } else {
      self = .database(DatabaseError(code: SQLITE_ERROR, message: String(describing: error), sql: ""))
    }
  }
}
