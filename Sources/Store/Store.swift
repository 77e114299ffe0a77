// The store is the only door to SQLite: results and frontier of all tasks in one file, `crawl.db`.
//
// Invariants
// - Exactly one connection writes or checkpoints: the `Writer` on the writer thread. Readers are other connections,
//   read-only, on the loop's pool or in other processes.
// - A visit commits whole: its hosts, URLs, fates, fetches, page, links and counters are there together or not at all.
//   Visits commit in the order in which they were appended, in groups, so that a child never comes before its parent.
// - What a call acknowledged (an awaited call returned, `onCommit` named the sequence number) survives a crash and a
//   loss of power: write-ahead log, synchronous=FULL.
// - A commit that fails stays queued and is tried again; `failure` says why meanwhile. Nothing is dropped.
// - `task_counters` commits with the rows that it counts and always equals their recount.
//
// It does not decide what is fetched, gives no ids (the loop counts on from `next…ID`) and parses nothing. The bound
// on what is outstanding is kept by its owner, who sees it in `outstanding`.

package import EventLoop

/// The database of one daemon. Confined to the loop thread: it lives inside an actor of the loop.
package final class Store {
  package let path: String
  /// The key of this database's fingerprints, 16 random bytes made when it was created.
  package let fingerprintKey: [UInt8]
  /// Where ids go on: one more than the highest that was ever given, those of removed tasks included.
  package let nextURLID: Int64
  package let nextHostID: Int64
  package let nextFetchID: Int64
  package let nextTaskID: Int64
  package let nextRunID: Int64
  /// An earlier program made the full-text index: not all texts are in the one that there is now, see `indexTexts`.
  package let hasOldIndex: Bool

  let loop: EventLoop
  let queue: CommitQueue
  let readers: Readers
  let pageSize: Int
  private let pool: ThreadPool
  /// For users' questions, so that the slow ones among them keep neither parsing nor the frontier waiting.
  let answerPool: ThreadPool
  let policy: StorePolicy
  private let writer: Writer
  private let hooks = StoreHooks()
  private let committer: Coroutine<Void>

  /// Opens the database, creates it when there is none, and brings an older one to this program's layout.
  ///
  /// - Parameter onMigration: called on another thread before an older layout is brought to this program's, which reads
  ///   whole tables; with the versions of both.
  /// - Throws: `.foreign`, `.newer`, `.damaged` when the file is not to be touched; `.unavailable` when it can't be
  ///   opened or created, `.full` when that is for want of room.
  package init(
    path: String, loop: EventLoop, policy: StorePolicy = StorePolicy(), productVersion: String = "1",
    onMigration: @escaping @Sendable (_ from: Int64, _ to: Int64) -> Void = { _, _ in }
  ) async throws(StoreError) {
    let pool = ThreadPool(name: "writer", size: 1, loop: loop)
    let (writer, space): (Writer, DiskSpace?)
    do {
      (writer, space) = try await pool.run {
        let writer = try Writer(
          path: path, policy: policy, productVersion: productVersion, onMigration: onMigration)
        return (writer, DiskSpace(ofFileSystemWith: path))
      }
    } catch {
      await pool.close()
      throw StoreError(error)
    }
    let queue = CommitQueue(loop: loop, pool: pool, writer: writer, policy: policy, hooks: hooks)
    await queue.note(space)
    self.path = path
    self.loop = loop
    self.pool = pool
    self.policy = policy
    answerPool = ThreadPool(name: "reader", size: 2, loop: loop)
    self.writer = writer
    self.queue = queue
    readers = Readers(path: path)
    fingerprintKey = writer.start.fingerprintKey
    nextURLID = writer.start.nextURLID
    nextHostID = writer.start.nextHostID
    nextFetchID = writer.start.nextFetchID
    nextTaskID = writer.start.nextTaskID
    nextRunID = writer.start.nextRunID
    hasOldIndex = writer.start.hasOldIndex
    pageSize = writer.start.pageSize
    committer = loop.startTask(name: "store: commits groups") { await queue.run() }
  }

  /// Hands over a visit; never waits. It commits with others within `StorePolicy.groupInterval`, in order.
  ///
  /// - Returns: its sequence number, which `onCommit` names when it is committed.
  @discardableResult
  package func append(_ visit: VisitRecord) -> Int64 {
    queue.assumeIsolated { $0.append(visit) }
  }

  /// Called on the loop after each committed group, with the sequence number up to which all is committed.
  package var onCommit: ((_ throughSequence: Int64) -> Void)? {
    get { hooks.onCommit }
    set { hooks.onCommit = newValue }
  }

  /// What was handed over and is not committed.
  package var outstanding: (visits: Int, bytes: Int) {
    queue.assumeIsolated { $0.outstanding }
  }

  /// Why commits fail at the moment; `nil` when they don't.
  package var failure: StoreFailure? {
    queue.assumeIsolated { $0.failure }
  }

  /// Called on the loop when `failure` begins, changes or ends.
  package var onFailureChange: (() -> Void)? {
    get { hooks.onFailureChange }
    set { hooks.onFailureChange = newValue }
  }

  /// The file system of the database has less room than `StorePolicy.minFreeBytes` and `minFreePercent` leave free.
  /// Commits go on; whoever appends should stop. It is looked at after each commit, and by time as long as it lasts.
  package var shortage: DiskShortage? {
    queue.assumeIsolated { $0.shortage }
  }

  /// Called on the loop when `shortage` begins or ends.
  package var onShortageChange: (() -> Void)? {
    get { hooks.onShortageChange }
    set { hooks.onShortageChange = newValue }
  }

  /// Bytes of the write-ahead log that are in use. A reader that lasts lets it grow without bound.
  package var walBytes: Int {
    queue.assumeIsolated { $0.figures.walBytes }
  }

  /// A reader that has kept the write-ahead log from starting anew for `StorePolicy.longReaderTime`.
  package var longReader: LongReader? {
    queue.assumeIsolated { $0.figures.longReader }
  }

  /// Called on the loop when `longReader` comes or goes.
  package var onLongReaderChange: (() -> Void)? {
    get { hooks.onLongReaderChange }
    set { hooks.onLongReaderChange = newValue }
  }

  /// Called on the loop after each checkpoint that emptied the write-ahead log: `walBytes` is 0.
  package var onCheckpoint: (() -> Void)? {
    get { hooks.onCheckpoint }
    set { hooks.onCheckpoint = newValue }
  }

  /// Waits until everything that was appended so far is committed.
  ///
  /// - Parameter isPatient: while commits fail it waits on.
  /// - Throws: `CancellationError` (nothing is lost by it), `.closed`, `.failing` unless patient.
  package func flush(isPatient: Bool = true) async throws {
    try await queue.flush(isPatient: isPatient)
  }

  /// Commits what is queued, cuts the write-ahead log unless a reader is in the way, and closes all connections. No visit
  /// may be appended after it.
  ///
  /// - Throws: `.failing` when the queue could not be committed: its visits are as if in flight at a crash. The
  ///   connections are closed nevertheless, also when the caller is cancelled meanwhile.
  package func close() async throws {
    let closing = loop.startTask(name: "store: closes") {
      [queue, committer, readers, answerPool, pool, writer] in
      var problem: (any Error)?
      do { try await queue.close() } catch { problem = error }
      try await committer.value
      readers.close()
      await answerPool.close()
      do { try await pool.run { try writer.close() } } catch { problem = problem ?? error }
      await pool.close()
      if let problem { throw problem }
    }
    try await closing.value
  }

  // MARK: For the slices of this type

  /// One transaction alone, before all waiting visits.
  package func control<T: Sendable>(_ body: @escaping @Sendable (Writer) throws -> T) async throws -> T {
    try await queue.control { writer in try writer.transaction { try body(writer) } }
  }

  /// One transaction after everything that was appended so far.
  ///
  /// - Throws: `.failing` at once while commits fail, unless patient.
  package func ordered<T: Sendable>(
    isPatient: Bool = false, _ body: @escaping @Sendable (Writer) throws -> T
  ) async throws -> T {
    try await queue.ordered(isPatient: isPatient) { writer in try writer.transaction { try body(writer) } }
  }

  /// Reads on the writer's connection after everything that was appended so far.
  package func orderedRead<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
    try await queue.ordered(isPatient: true) { writer in try writer.database.snapshot { try body(writer.database) } }
  }

  /// Answers a user's question from what is committed, on threads that are for this alone and within
  /// `StorePolicy.answerTime`; all reads of one body see the same state.
  ///
  /// - Throws: `.tookTooLong`, `.closed`.
  package func answer<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
    let (readers, limit) = (readers, policy.answerTime)
    do {
      return try await answerPool.run { try readers.use(within: limit, body) }
    } catch EventLoopError.poolClosed {
      throw StoreError.closed
    }
  }

  /// Reads what is committed, on a thread of the loop's pool; all reads of one body see the same state.
  package func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
    let readers = readers
    return try await loop.runInThread {
      try readers.use { database in try database.snapshot { try body(database) } }
    }
  }
}
