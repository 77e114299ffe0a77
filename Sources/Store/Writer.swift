internal import CSQLite

/// The only connection that ever writes or checkpoints. Its methods run on the writer thread, one after the other;
/// that is why it may be handed over although nothing in it is guarded.
package final class Writer: @unchecked Sendable {
  package let database: Database
  /// What the loop must know before it can give ids.
  struct Start: Sendable {
    var fingerprintKey: [UInt8]
    var nextURLID: Int64
    var nextHostID: Int64
    var nextFetchID: Int64
    var nextTaskID: Int64
    var nextRunID: Int64
    var pageSize: Int
    /// The full-text index of an earlier layout is still there.
    var hasOldIndex: Bool
  }

  private let path: String
  /// Of the file that was opened.
  private let identity: FileIdentity?
  private var visits: VisitStatements?
  private let pages: WALPages
  let start: Start
  /// By how much the clock was set, in all, by the shifts that are committed since the start.
  private var clockJumps: Int64 = 0

  /// Texts that were deleted with their tasks since the start, or added to the full-text index alone.
  private var notedTexts = 0

  /// Frames in the write-ahead log after the last commit; written by SQLite's hook.
  private final class WALPages {
    var count = 0
  }

  /// Opens or creates the file, brings it to this program's layout, and reads where ids go on.
  init(
    path: String, policy: StorePolicy, productVersion: String, onMigration: (_ from: Int64, _ to: Int64) -> Void
  ) throws(StoreError) {
    self.path = path
    database = try DatabaseFile.openForWriting(
      path: path, policy: policy, productVersion: productVersion, onMigration: onMigration)
    identity = FileIdentity(path)
    do throws(StoreError) {
      try? Self.removeSmallOldIndex(of: database)
      Self.emptyIndex(of: database, path: path, policy)
      start = try Self.readStart(database)
      visits = try VisitStatements(database)
    } catch {
      throw DatabaseFile.refusal(of: path, error)
    }
    pages = WALPages()
    sqlite3_wal_hook(
      database.handle,
      { context, _, _, frames in
        guard let context else { return SQLITE_OK }
        Unmanaged<WALPages>.fromOpaque(context).takeUnretainedValue().count = Int(frames)
        return SQLITE_OK
      }, Unmanaged.passUnretained(pages).toOpaque())
  }

  /// A large full-text index without texts is emptied by the start, if there is room for the log that this takes: else by a
  /// later one. No start fails for it.
  private static func emptyIndex(of database: Database, path: String, _ policy: StorePolicy) {
    // Two pages of the log for each of the index.
    let room = DiskSpace(ofFileSystemWith: path).map { max(0, $0.free - DiskShortage.least(of: $0, policy)) }
    try? TextStatements.emptyIndex(of: database, ifAtMost: room.map { $0 / 8_192 } ?? .max - 1)
  }

  private static func readStart(_ database: Database) throws(StoreError) -> Start {
    let key = try database.statement("SELECT fingerprint_key FROM database")
    defer { key.reset() }
    guard try key.step(), let bytes = key.blobOrNil(0), bytes.count == 16 else {
      throw .database(
        DatabaseError(code: SQLITE_CORRUPT, message: "the table database has no fingerprint key", sql: key.sql))
    }
    func next(_ table: String, given: String = "0") throws(StoreError) -> Int64 {
      let sql = "SELECT max(\(given), coalesce((SELECT max(id) FROM \(table)), 0)) FROM database"
      return (try database.integer(sql) ?? 0) + 1
    }
    return Start(
      fingerprintKey: bytes, nextURLID: try next("urls", given: "last_url_id"), nextHostID: try next("hosts"),
      nextFetchID: try next("fetches", given: "last_fetch_id"), nextTaskID: try next("tasks", given: "last_task_id"),
      nextRunID: try next("runs", given: "last_run_id"),
      pageSize: Int(try database.integer("PRAGMA page_size") ?? 4096), hasOldIndex: try hasOldIndex(database))
  }

  /// Runs a transaction on the file that was opened, if its path still leads to it. Cost beside that: one system call.
  ///
  /// - Throws: `.displaced`; what `Database.transaction` throws.
  func transaction<T>(_ body: () throws -> T) throws -> T {
    try expectFile()
    return try database.transaction(body)
  }

  private func expectFile() throws(StoreError) {
    guard identity != FileIdentity(path) else { return }
    // What is committed goes to the file that was opened, wherever that is: its log is still here, where another file would take
    // it for its own.
    _ = try? checkpoint(truncating: true, isPatient: false)
    throw .displaced(path: path)
  }

  /// Commits a group: all of these visits, or none of them.
  func commit(_ group: [PendingVisit]) throws {
    try transaction { try write(group) }
    for visit in group { clockJumps &+= visit.record.clockShift?.microseconds ?? 0 }
  }

  /// The time by the setting of the clock that the database has now; shifts that are still to come will move it.
  func stored(_ time: DueTime?) -> Int64? { time.map { $0.microseconds &+ (clockJumps &- $0.clockJumps) } }

  /// Writes a visit within the transaction of the caller.
  func write(_ visit: VisitRecord) throws(StoreError) { try write([PendingVisit(visit)]) }

  private func write(_ group: [PendingVisit]) throws(StoreError) {
    guard let visits else { throw .closed }
    try visits.write(group)
  }

  /// Adds to a task's counters within the transaction of the caller.
  func add(_ counters: CounterDelta, to taskID: Int64) throws(StoreError) {
    guard let visits else { throw .closed }
    try visits.add(counters, to: taskID)
  }

  /// Takes note of changes of the full-text index within the transaction of the caller that are not those of visits.
  func noteTexts(_ count: Int) { notedTexts += count }

  /// What a piece of work has left.
  struct Work: Sendable {
    var walBytes: Int
    /// Pages that it wrote, if it added or deleted texts.
    var pagesWithTexts: Int?
  }

  /// Does a piece of work, and tells what it has left.
  func work<T>(_ body: () throws -> T) rethrows -> (T, Work) {
    let before = (pages: pages.count, texts: textChanges)
    let result = try body()
    let written = pages.count - before.pages
    return (result, Work(walBytes: walBytes, pagesWithTexts: textChanges == before.texts ? nil : written))
  }

  private var textChanges: Int { notedTexts + (visits?.textChanges ?? 0) }

  /// What a step of merging the full-text index did.
  package struct MergeStep: Sendable {
    /// It merged something, so that there may be more to merge.
    package var hasMerged: Bool
    /// Segments that the index has now.
    package var segments: Int
  }

  /// Merges segments of the full-text index, in a transaction of its own, until so many pages are written; what one step has
  /// begun the next goes on with, after a restart too. Cost: FTS5 writes what the index has of one word in one piece, so
  /// a word that is in each of a million texts takes some MB, and tens of milliseconds.
  package func mergeTexts(pages: Int) throws(StoreError) -> MergeStep {
    let before = sqlite3_total_changes64(database.handle)
    let row = try database.statement("INSERT INTO page_search (page_search, rank) VALUES ('merge', ?)")
    row.bind(1, pages)
    try row.run()
    // The statement itself counts as one change (FTS5's documentation, "The 'merge' command").
    let hasMerged = sqlite3_total_changes64(database.handle) - before >= 2
    return MergeStep(hasMerged: hasMerged, segments: Int(try database.integer(TextStatements.segments) ?? 0))
  }

  /// Moves the last pages of the file to free ones within it, in a transaction of its own: the next checkpoint cuts the file.
  ///
  /// - Returns: by how many pages it is shorter; 0 when none is free, or when the disk takes nothing.
  func shorten(byPages pages: Int) -> Int {
    do throws(StoreError) {
      guard pages > 0, try database.integer("PRAGMA freelist_count") ?? 0 > 0 else { return 0 }
      try expectFile()
      let before = try database.integer("PRAGMA page_count") ?? 0
      try database.execute("PRAGMA incremental_vacuum(\(pages))")
      return Int(before - (try database.integer("PRAGMA page_count") ?? 0))
    } catch {
      return 0
    }
  }

  /// Cuts the write-ahead log to nothing, unless a reader is in the way, and closes the connection. Nothing may be asked
  /// of it afterwards.
  ///
  /// - Throws: `.displaced`, when what was committed is not where it should be; what SQLite throws.
  func close() throws(StoreError) {
    defer {
      visits = nil
      database.close()
    }
    try expectFile()
    _ = try checkpoint(truncating: true, isPatient: false)
  }

  /// Bytes in the write-ahead log after the last commit; 0 when the next one starts it anew.
  var walBytes: Int { pages.count * (start.pageSize + 24) }

  /// Processes that write to the database now. Cost: reads /proc/locks.
  var otherWriters: [String] { FileExamination.writerNames(path: path) }

  /// Room on the file system of the database. Cost: one system call.
  var space: DiskSpace? { DiskSpace(ofFileSystemWith: path) }

  /// What a checkpoint did.
  struct Checkpoint: Sendable {
    /// Readers kept it from copying everything, or are still where the log would start anew.
    var isBlocked: Bool
    /// Processes that read, when it was blocked.
    var readers: [String]
    var microseconds: Int64
  }

  /// Copies the write-ahead log to the database, so that the next commit starts the log anew.
  ///
  /// - Parameters:
  ///   - truncating: cuts the log to nothing.
  ///   - isPatient: waits for readers, up to the busy time-out.
  func checkpoint(truncating: Bool, isPatient: Bool) throws(StoreError) -> Checkpoint {
    let began = WallClock.monotonic
    var frames: Int32 = 0
    var copied: Int32 = 0
    let mode = truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART
    if !isPatient { sqlite3_busy_timeout(database.handle, 0) }
    defer { sqlite3_busy_timeout(database.handle, DatabaseFile.busyMilliseconds) }
    let code = sqlite3_wal_checkpoint_v2(database.handle, nil, mode, &frames, &copied)
    guard code == SQLITE_OK || code & 0xff == SQLITE_BUSY else { throw database.error(code, "checkpoint") }
    let isBlocked = code != SQLITE_OK || frames != copied
    if !isBlocked { pages.count = 0 }
    return Checkpoint(
      isBlocked: isBlocked, readers: isBlocked ? FileExamination.readerNames(path: path) : [],
      microseconds: WallClock.monotonic - began)
  }
}
