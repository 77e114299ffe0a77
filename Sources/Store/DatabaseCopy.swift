internal import CSQLite
internal import Glibc

/// A copy of a database as it is at one moment, made while the daemon goes on writing.
package enum DatabaseCopy {
  /// Why there is no copy. Nothing is left of an attempt.
  package enum Failure: Error, Sendable, CustomStringConvertible {
    /// The database can't be read.
    case source(StoreError)
    /// Something has the name already.
    case exists(path: String)
    /// A database of this name is open, or was left open by a crash: its log would be taken for that of the copy.
    case inUse(path: String, log: String)
    /// It is the log of a database that is there.
    case log(path: String, database: String)
    /// It is a database, and what is to take its place is none.
    case database(path: String)
    /// The copy can't be written.
    case target(path: String, reason: String)
    /// It is not wanted any more.
    case stopped

    package var description: String {
      switch self {
      case .source(let error): error.description
      case .exists(let path): "\(path) exists; --force replaces it"
      case .inUse(let path, let log): "\(path) is a database in use (there is \(log)); choose another name"
      case .log(let path, let database): "\(path) belongs to the database \(database); choose another name"
      case .database(let path): "\(path) is a database, which only a backup replaces; choose another name"
      case .target(let path, let reason): "\(path) can't be written: \(reason)"
      case .stopped: "stopped; there is no copy"
      }
    }
  }

  /// Pages copied between two looks at whether the copy is still wanted: 16 MiB.
  private static let step: Int32 = 4_096

  /// Copies the database at `source` to `target`, whole and on disk when this returns, for its owner alone (mode 600).
  ///
  /// It is written under another name in the same directory and takes its own at the end, in one step. What commits
  /// meanwhile is not in it; the write-ahead log can't start anew before it is done. Cost: reads and writes the whole file.
  ///
  /// - Parameters:
  ///   - isReplacing: whether `target` may exist.
  ///   - isUnwanted: asked every 16 MiB.
  /// - Returns: its size in bytes.
  @discardableResult
  package static func make(
    of source: String, at target: String, isReplacing: Bool = false, isUnwanted: () -> Bool = { false }
  ) throws(Failure) -> Int {
    try refuse(target, isReplacing: isReplacing)
    let original: Database
    do throws(StoreError) {
      original = try DatabaseFile.openForReading(path: source)
      if try DatabaseFile.judge(original, path: source) { throw .foreign(path: source) }
    } catch {
      throw .source(DatabaseFile.refusal(of: source, error))
    }
    defer { original.close() }
    let partial = try makeFile(beside: target)
    var isDone = false
    defer {
      if !isDone {
        unlink(partial)
        unlink(partial + "-journal")
      }
    }
    try copy(original, to: partial, for: target, isUnwanted)
    try forgetLog(of: partial, for: target)
    let size = try sync(partial, for: target)
    try refuse(target, isReplacing: isReplacing)
    try name(partial, as: target, isReplacing: isReplacing)
    isDone = true
    try syncDirectory(of: target)
    return size
  }

  private static func refuse(_ target: String, isReplacing: Bool) throws(Failure) {
    try refuseDatabase(at: target, forCopy: true)
    var status = stat()
    guard lstat(target, &status) == 0 else { return }
    // It would not be replaced either.
    guard status.st_mode & S_IFMT == S_IFREG else { throw .target(path: target, reason: "it is no regular file") }
    if !isReplacing { throw .exists(path: target) }
  }

  /// Makes sure that a file of this name can be made, or replaced, without harm to a database.
  ///
  /// - Parameter forCopy: whether it is to be a database itself: then one that is closed may be replaced by it.
  /// - Throws: `.inUse`, `.log` or `.database`.
  package static func refuseDatabase(at path: String, forCopy: Bool) throws(Failure) {
    for log in [path + "-wal", path + "-journal"] where access(log, F_OK) == 0 {
      throw .inUse(path: path, log: log)
    }
    for end in ["-wal", "-shm", "-journal"] where path.hasSuffix(end) {
      let database = String(path.dropLast(end.count))
      if isDatabase(database) { throw .log(path: path, database: database) }
    }
    if !forCopy, isDatabase(path) { throw .database(path: path) }
  }

  /// Closing a file releases all locks that this process has on it, SQLite's too: a connection that is open on it must
  /// not be used afterwards.
  private static func isDatabase(_ path: String) -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return false }
    defer { close(file) }
    let magic = Array("SQLite format 3\0".utf8)
    var beginning = [UInt8](repeating: 0, count: magic.count)
    return pread(file, &beginning, magic.count, 0) == magic.count && beginning == magic
  }

  private static func makeFile(beside target: String) throws(Failure) -> String {
    var name = Array((target + ".partial-XXXXXX").utf8CString)
    let file = mkstemp(&name)
    guard file >= 0 else { throw .target(path: target, reason: String(cString: strerror(errno))) }
    close(file)
    return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func copy(
    _ original: Database, to partial: String, for target: String, _ isUnwanted: () -> Bool
  ) throws(Failure) {
    let copy: Database
    do throws(StoreError) {
      copy = try Database(path: partial, access: .readWriteCreate)
    } catch {
      throw .target(path: target, reason: error.cause?.message ?? error.description)
    }
    defer { copy.close() }
    do throws(StoreError) {
      // One transaction around all steps: what commits meanwhile does not begin them anew.
      try original.execute("BEGIN")
      _ = try original.integer("SELECT count(*) FROM sqlite_schema")
    } catch {
      throw .source(error)
    }
    guard let backup = sqlite3_backup_init(copy.handle, "main", original.handle, "main") else {
      throw .target(path: target, reason: String(cString: sqlite3_errmsg(copy.handle)))
    }
    var code = SQLITE_OK
    var isStopped = false
    while code == SQLITE_OK, !isStopped {
      code = sqlite3_backup_step(backup, step)
      isStopped = isUnwanted()
    }
    let end = sqlite3_backup_finish(backup)
    if code == SQLITE_DONE, end == SQLITE_OK { return }
    if code == SQLITE_OK, isStopped { throw .stopped }
    throw .target(path: target, reason: String(cString: sqlite3_errstr(code == SQLITE_DONE ? end : code)))
  }

  /// Whoever reads the copy leaves no log beside it, which the next copy of this name would take for that of a daemon, and may
  /// read it where nothing can be written: its header does not ask for a write-ahead log (SQLite's file format, section
  /// 1.3.3). A daemon that takes it up has one again.
  private static func forgetLog(of partial: String, for target: String) throws(Failure) {
    let file = open(partial, O_RDWR | O_CLOEXEC)
    defer { if file >= 0 { close(file) } }
    guard file >= 0, pwrite(file, [1, 1] as [UInt8], 2, 18) == 2 else {
      throw .target(path: target, reason: String(cString: strerror(errno)))
    }
  }

  /// In one step, and without a moment in which what has come to have the name meanwhile could be lost.
  private static func name(_ partial: String, as target: String, isReplacing: Bool) throws(Failure) {
    if !isReplacing {
      if link(partial, target) == 0 {
        unlink(partial)
        return
      }
      if errno == EEXIST { throw .exists(path: target) }
      // A file system without links has only the look that was taken before.
    }
    guard rename(partial, target) == 0 else {
      throw .target(path: target, reason: String(cString: strerror(errno)))
    }
  }

  private static func sync(_ partial: String, for target: String) throws(Failure) -> Int {
    let file = open(partial, O_RDWR | O_CLOEXEC)
    var status = stat()
    guard file >= 0, fsync(file) == 0, fstat(file, &status) == 0 else {
      let code = errno
      if file >= 0 { close(file) }
      throw .target(path: target, reason: String(cString: strerror(code)))
    }
    close(file)
    return Int(status.st_size)
  }

  /// The copy has its name by then, but who knows whether it keeps it.
  private static func syncDirectory(of target: String) throws(Failure) {
    let directory = open(FileExamination.directory(of: target), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if directory >= 0 { close(directory) } }
    guard directory >= 0, fsync(directory) == 0 else {
      let reason = String(cString: strerror(errno))
      throw .target(path: target, reason: "the copy is there, but may not outlive a power cut: \(reason)")
    }
  }
}
