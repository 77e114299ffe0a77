internal import CSQLite

/// Read-only connections for the threads that read: as many as read at the same time, kept open for the next.
/// The idle ones stand behind a mutex, because several threads come for them.
final class Readers: @unchecked Sendable {
  private let path: String
  private let mutex: OpaquePointer
  private var idle: [Database] = []
  private var isClosed = false

  init(path: String) {
    self.path = path
    guard let mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST) else {
      fatalError("SQLite was built without threads; the store needs a build with them")
    }
    self.mutex = mutex
  }

  deinit { sqlite3_mutex_free(mutex) }

  /// Runs a body on a connection that nobody else uses meanwhile. On a thread of the pool, never on the loop's.
  func use<T>(_ body: (Database) throws -> T) throws -> T {
    let database = try take()
    defer { giveBack(database) }
    return try body(database)
  }

  /// As `use`, for one snapshot within a time limit, which the end of the store shortens.
  func use<T>(within time: Duration, _ body: (Database) throws -> T) throws -> T {
    try use { database in
      try database.snapshot {
        try database.limited(to: time, isUnwanted: { self.hasClosed }) { try body(database) }
      }
    }
  }

  /// From the end of the store on.
  var hasClosed: Bool {
    sqlite3_mutex_enter(mutex)
    defer { sqlite3_mutex_leave(mutex) }
    return isClosed
  }

  private func take() throws(StoreError) -> Database {
    sqlite3_mutex_enter(mutex)
    let wasClosed = isClosed
    let kept = idle.popLast()
    sqlite3_mutex_leave(mutex)
    if wasClosed { throw .closed }
    if let kept { return kept }
    return try DatabaseFile.openForReading(path: path)
  }

  private func giveBack(_ database: Database) {
    sqlite3_mutex_enter(mutex)
    defer { sqlite3_mutex_leave(mutex) }
    if !isClosed { idle.append(database) }
  }

  func close() {
    sqlite3_mutex_enter(mutex)
    isClosed = true
    let connections = idle
    idle = []
    sqlite3_mutex_leave(mutex)
    withExtendedLifetime(connections) {}
  }
}
