import BenchmarkCounts
import CAllocationCount
import CDiskCount
import EventLoop
import Glibc
import Store

/// Writes visits through the store in groups, and what that costs. What makes the visits costs nothing here.
struct Writing {
  /// Visits of a group: as many as the daemon has that wait for their commit.
  static let group = 64

  private(set) var pages = 0
  /// Those after the first group, which makes what lives as long as the store: what follows of costs is theirs.
  private(set) var measured = 0
  private(set) var known = 0
  private(set) var links = 0
  /// Rows of urls, fetches, pages and links.
  var rows: Int { pages * 2 + known + links }
  private(set) var spent = Moment.zero
  /// Of the writer's thread; the loop's, which hands the visits over, are among what was spent.
  private(set) var writerAllocations = 0
  /// Bytes of the file, and of the tables with their indexes.
  private(set) var databaseBytes = 0
  private(set) var urlBytes = 0
  private(set) var linkBytes = 0

  static func measure(pages: Int, path: String, port: Int = 8081) throws -> Writing {
    try EventLoop.run { try await measure(pages: pages, path: path, port: port, loop: EventLoop.current!) }
  }

  private static func measure(pages: Int, path: String, port: Int, loop: EventLoop) async throws -> Writing {
    var writing = Writing()
    var sequence = VisitSequence(port: port)
    let policy = StorePolicy(groupInterval: .seconds(3_600), groupVisits: group)
    let store = try await Store(path: path, loop: loop, policy: policy)
    let task = TaskRecord(
      id: 1, name: "bench", state: "running", desiredState: "running", createdAt: VisitSequence.firstStart, runID: 1)
    let event = TaskEventRecord(
      taskID: 1, at: VisitSequence.firstStart, actor: "bench", action: "add", toState: "running")
    try await store.insertTask(task, seeds: sequence.seeds(), event: event)
    try await writing.write(sequence.visits(group), store)
    let allocationsBefore = try await writerAllocations(store)
    let start = Moment()
    var making = Moment.zero
    while sequence.pages < pages {
      let before = Moment(CLOCK_THREAD_CPUTIME_ID)
      let visits = sequence.visits(min(group, pages - sequence.pages))
      making += Moment(CLOCK_THREAD_CPUTIME_ID) - before
      // What the writer does meanwhile counts.
      (making.writes, making.syncs) = (0, 0)
      try await writing.write(visits, store)
    }
    try await store.checkpoint()
    writing.spent = Moment() - start - making
    writing.writerAllocations = try await writerAllocations(store) - allocationsBefore
    writing.measured = pages - group
    writing.pages = pages
    writing.known = sequence.known
    writing.links = sequence.linkCount
    try await writing.measureFile(store)
    guard try await store.inspectTask(1).isEmpty else { throw WrongCounters() }
    try await store.close()
    return writing
  }

  private func write(_ visits: [VisitRecord], _ store: Store) async throws {
    for visit in visits { store.append(visit) }
    try await store.flush()
  }

  private static func writerAllocations(_ store: Store) async throws -> Int {
    Int(try await store.control { _ in allocation_count() })
  }

  private mutating func measureFile(_ store: Store) async throws {
    let sizes = try await store.read { database in
      func bytes(_ tables: String) throws -> Int {
        Int(
          try database.integer(
            """
            SELECT sum(pgsize) FROM dbstat('main', 1)
            WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name IN (\(tables)))
            """) ?? 0)
      }
      let pages = try database.integer("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
      return (Int(pages ?? 0), try bytes("'urls'"), try bytes("'links'"))
    }
    (databaseBytes, urlBytes, linkBytes) = sizes
  }
}

private struct WrongCounters: Error, CustomStringConvertible {
  var description: String { "the counters are not what they count" }
}
