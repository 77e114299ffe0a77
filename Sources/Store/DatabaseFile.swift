internal import CSQLite
internal import Glibc

/// How `crawl.db` is opened: what is refused, what is created, which modes hold.
enum DatabaseFile {
  /// How long a connection waits for the locks of others.
  static let busyMilliseconds: Int32 = 5000

  /// The writable connection.
  static func openForWriting(
    path: String, policy: StorePolicy, productVersion: String, onMigration: (_ from: Int64, _ to: Int64) -> Void
  ) throws(StoreError) -> Database {
    let database = try Database(path: path, access: .readWriteCreate)
    sqlite3_busy_timeout(database.handle, busyMilliseconds)
    do throws(StoreError) {
      let isNew = try judge(database, path: path)
      if isNew { try database.execute("PRAGMA auto_vacuum = INCREMENTAL") }
      try database.execute("PRAGMA journal_mode = WAL")
      try database.execute("PRAGMA synchronous = FULL")
      // References document the schema. The loop gives all ids; checking them would make a visit cost half as much
      // again (measured: 403,000 instructions instead of 261,000).
      try database.execute("PRAGMA foreign_keys = OFF")
      try database.execute("PRAGMA wal_autocheckpoint = 0")
      try database.execute("PRAGMA journal_size_limit = \(policy.journalSizeLimit)")
      try database.execute("PRAGMA cache_size = -8192")
      if !isNew, let version = try database.integer("PRAGMA user_version"), version < Schema.version {
        onMigration(version, Schema.version)
      }
      try migrate(database, productVersion: productVersion)
    } catch {
      throw refusal(of: path, error)
    }
    return database
  }

  /// A connection that reads only, for one thread at a time.
  static func openForReading(path: String) throws(StoreError) -> Database {
    let database = try Database(path: path, access: .readOnly)
    sqlite3_busy_timeout(database.handle, busyMilliseconds)
    _ = csqlite_no_checkpoint_on_close(database.handle)
    try database.execute("PRAGMA query_only = ON")
    try database.execute("PRAGMA wal_autocheckpoint = 0")
    try database.execute("PRAGMA cache_size = -2048")
    return database
  }

  /// Decides whether the file is ours, and whether it is empty; changes nothing.
  static func judge(_ database: Database, path: String) throws(StoreError) -> Bool {
    try judgeLength(of: database, path: path)
    let application = try database.integer("PRAGMA application_id") ?? 0
    let version = try database.integer("PRAGMA user_version") ?? 0
    let objects = try database.integer("SELECT count(*) FROM sqlite_schema") ?? 0
    // SQLite has rolled back by now what a rollback journal was for.
    try judgeLength(of: database, path: path)
    if application == 0, version == 0, objects == 0 { return true }
    guard application == Schema.applicationID else { throw .foreign(path: path) }
    guard version <= Schema.version else { throw .newer(path: path, version: version) }
    guard version >= 1 else { throw .foreign(path: path) }
    return false
  }

  /// A file shorter than its own header says has lost its end, unless the end is still in the write-ahead log, or what has
  /// begun is still to be rolled back: before there is such a log, a rollback journal stands for it.
  private static func judgeLength(of database: Database, path: String) throws(StoreError) {
    for log in ["-wal", "-journal"] {
      var status = stat()
      if stat(path + log, &status) == 0, status.st_size > 0 { return }
    }
    var header = [UInt8](repeating: 0, count: Int(CSQLITE_HEADER_BYTES))
    var length: Int64 = 0
    let code = csqlite_read_header(database.handle, &header, &length)
    guard code == SQLITE_OK else {
      throw .database(DatabaseError(code: code, message: String(cString: sqlite3_errstr(code)), sql: "open"))
    }
    if length == 0 { return }
    guard length >= header.count, header.starts(with: Array("SQLite format 3\0".utf8)) else {
      throw .foreign(path: path)
    }
    let stated = Int64(header[16]) << 8 | Int64(header[17])
    let pageSize = stated == 1 ? 65_536 : stated
    let pages = header[28..<32].reduce(0) { $0 << 8 | Int64($1) }
    guard length >= pages * pageSize else {
      throw .damaged(
        path: path, DatabaseError(code: SQLITE_CORRUPT, message: "the end of the file is missing", sql: "open"))
    }
  }

  /// Leads the file from its layout to this program's, one transaction per step.
  private static func migrate(_ database: Database, productVersion: String) throws(StoreError) {
    var version = try database.integer("PRAGMA user_version") ?? 0
    while version < Schema.version {
      let statements = Schema.migrations[Int(version)]
      let isCreation = version == 0
      do {
        try database.transaction {
          for sql in statements { try database.execute(sql) }
          if isCreation { try describe(database, productVersion: productVersion) }
          try database.execute("PRAGMA user_version = \(version + 1)")
        }
      } catch {
        throw StoreError(error)
      }
      version += 1
    }
  }

  private static func describe(_ database: Database, productVersion: String) throws(StoreError) {
    try database.execute("PRAGMA application_id = \(Schema.applicationID)")
    var random = SystemRandomNumberGenerator()
    let key = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
    let row = try database.statement(
      "INSERT INTO database (id, created_at, fingerprint_key, product_version) VALUES (1, ?, ?, ?)")
    row.bind(1, WallClock.now)
    row.bind(2, key)
    row.bind(3, productVersion)
    try row.run()
  }

  /// Bytes with which a file system is not full: what SQLite makes beside the database at open takes less.
  private static let leastRoom = 1 << 16

  /// SQLite's codes at open, as the sentences of this room.
  static func refusal(of path: String, _ error: StoreError) -> StoreError {
    guard case .database(let cause) = error else { return error }
    let free = DiskSpace(ofFileSystemWith: path)?.free
    return switch cause.primaryCode {
    case SQLITE_FULL: .full(path: path, free: free, cause)
    // What SQLite says when there is no room for the index of the write-ahead log, which it makes anew after an orderly end.
    case SQLITE_IOERR where free.map { $0 < leastRoom } ?? false: .full(path: path, free: free, cause)
    case SQLITE_NOTADB: .foreign(path: path)
    case SQLITE_CORRUPT, SQLITE_ERROR, SQLITE_FORMAT: .damaged(path: path, cause)
    default: .unavailable(path: path, cause)
    }
  }
}
