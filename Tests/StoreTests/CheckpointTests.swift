import EventLoop
import Foundation
import Store
import Testing

/// When the write-ahead log is copied to the database and starts anew.
@Suite struct CheckpointTests {
  private static let policy = StorePolicy(groupInterval: .zero, checkpointBytes: 100_000, journalSizeLimit: 0)

  /// Commits pages from..., each with 5 links, ten to a group.
  private static func commit(_ pages: ClosedRange<Int64>, to store: Store) async throws {
    for page in pages {
      store.append(.page(page, links: (0..<5).map { page * 5 - 3 + $0 }))
      if page % 10 == 0 { try await store.flush() }
    }
    try await store.flush()
  }

  @Test func theLogIsCopiedToTheDatabaseByPolicy() throws {
    try onLoop { loop, directory in
      let store = try await Store(
        path: directory.file("crawl.db"), loop: loop,
        policy: StorePolicy(groupInterval: .zero, checkpointBytes: 100_000, journalSizeLimit: 0))
      try await store.insertSampleTask()
      for page in Int64(1)...300 {
        store.append(.page(page, links: (0..<5).map { page * 5 - 3 + $0 }))
        if page % 10 == 0 { try await store.flush() }
      }
      try await store.flush()
      let status = store.status
      #expect(status.checkpoints > 1)
      #expect(status.walBytes < 1_000_000)
      #expect(status.rows > 300 * 12)
      #expect(status.sqliteVersion.hasPrefix("3."))
      #expect(status.databaseBytes > 100_000)
      #expect(try await store.checkpoint())
      #expect(store.status.walBytes == 0)
      try await store.close()
    }
  }

  /// Readers that follow one another are not one that holds an old state for long.
  @Test func onlyWhoReadsAllTheTimeIsALongReader() throws {
    let loop = try EventLoop(clock: .virtual)
    var policy = StorePolicy()
    policy.longReaderTime = .seconds(10)
    var schedule = CheckpointSchedule()
    let start = loop.now
    func block(_ processes: [String], after seconds: Int) -> (since: EventLoop.Instant, processes: [String])? {
      schedule.wasBlocked(by: processes, at: start + .seconds(seconds), policy)
      return schedule.longReader.map { ($0.since, $0.processes) }
    }
    #expect(block(["1 sqlite3"], after: 0) == nil)
    #expect(block(["2 python3"], after: 60) == nil)
    let python = try #require(block(["2 python3", "3 less"], after: 120))
    #expect(python == (start + .seconds(60), ["2 python3"]))
    #expect(block(["3 less"], after: 180) == nil)
    #expect(block([], after: 240) == nil)
    let nobody = try #require(block([], after: 300))
    #expect(nobody == (start + .seconds(240), []))
    try loop.close()
  }

  @Test func aReaderBlocksTheLogUntilItEndsAndTheStoreNoticesByItself() throws {
    try onLoop(clock: .virtual) { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop, policy: Self.policy)
      var emptied = 0
      store.onCheckpoint = { emptied += 1 }
      try await store.insertSampleTask()
      let reader = try ReaderSnapshot(of: path)
      try await Self.commit(1...100, to: store)
      #expect(store.walBytes > 200_000)
      // It is tried again, whether anything commits or not: soon at first, later once a second.
      let first = store.status.checkpoints
      #expect(first > 0)
      try await loop.sleep(for: .seconds(2))
      #expect((6...8).contains(store.status.checkpoints - first))
      let tries = store.status.checkpoints
      try await loop.sleep(for: .seconds(10))
      #expect((9...11).contains(store.status.checkpoints - tries))
      #expect(store.status.isCheckpointBlocked)
      #expect(store.status.checkpointProblem?.contains("reader") == true)
      #expect(store.walBytes > 200_000)
      #expect(emptied == 0)
      reader.end()
      try await loop.sleep(for: .seconds(2))
      #expect(!store.status.isCheckpointBlocked)
      #expect(store.status.checkpointProblem == nil)
      #expect(store.walBytes == 0)
      #expect(emptied == 1)
      // The log starts anew.
      try await Self.commit(101...101, to: store)
      #expect((1...50_000).contains(store.walBytes))
      #expect(try await store.inspectTask(1) == [])
      try await store.close()
    }
  }

  @Test func aReaderThatLastsIsReportedOnceAndALongLogIsCutWhenItEnds() throws {
    try onLoop(clock: .virtual) { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(
        path: path, loop: loop,
        policy: StorePolicy(groupInterval: .zero, checkpointBytes: 100_000, journalSizeLimit: 150_000))
      var changes: [Bool] = []
      store.onLongReaderChange = { [unowned store] in changes.append(store.longReader != nil) }
      try await store.insertSampleTask()
      let reader = try ReaderSnapshot(of: path)
      try await Self.commit(1...100, to: store)
      try await loop.sleep(for: .seconds(8))
      #expect(store.longReader == nil)
      try await loop.sleep(for: .seconds(5))
      let first = try #require(store.status.longReader)
      // The reader is this process.
      #expect(first.processes == [])
      try await loop.sleep(for: .seconds(30))
      #expect(store.longReader?.since == first.since)
      #expect(changes == [true])
      #expect(store.status.walBytes > 200_000)
      reader.end()
      try await loop.sleep(for: .seconds(2))
      #expect(changes == [true, false])
      #expect(store.status.longReader == nil)
      #expect(store.status.walBytes == 0, "the file, not only what is used of it")
      try await store.close()
    }
  }

  /// A reader that has all of the log in sight lets it be copied, but not start anew.
  @Test func aReaderAtTheEndOfTheLogBlocksItToo() throws {
    try onLoop(clock: .virtual) { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop, policy: Self.policy)
      try await store.insertSampleTask()
      let early = try ReaderSnapshot(of: path)
      try await Self.commit(1...60, to: store)
      let late = try ReaderSnapshot(of: path)
      early.end()
      try await loop.sleep(for: .seconds(2))
      #expect(store.status.isCheckpointBlocked)
      #expect(store.walBytes > 100_000)
      late.end()
      try await loop.sleep(for: .seconds(2))
      #expect(store.walBytes == 0)
      try await store.close()
    }
  }

  @Test func aFailingCheckpointIsToldAndTriedAgainLater() throws {
    try onLoop(clock: .virtual) { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop, policy: Self.policy)
      try await store.insertSampleTask()
      let reader = try ReaderSnapshot(of: path)
      try await Self.commit(1...50, to: store)
      #expect(store.walBytes > 100_000)
      // The medium loses the log, and finds it again later.
      let log = try FileHandle(forUpdating: URL(fileURLWithPath: path + "-wal"))
      let lost = try #require(try log.readToEnd())
      try log.truncate(atOffset: 0)
      reader.end()
      try await loop.sleep(for: .milliseconds(1500))
      #expect(store.status.isCheckpointBlocked)
      #expect(store.status.checkpointProblem?.contains("disk") == true)
      #expect(store.walBytes > 100_000)
      // Commits go on, and none of them tries it again.
      let tries = store.status.checkpoints
      try await Self.commit(51...90, to: store)
      #expect(store.status.checkpoints == tries)
      #expect(store.failure == nil)
      try log.seek(toOffset: 0)
      try log.write(contentsOf: lost)
      try await loop.sleep(for: .seconds(10))
      #expect(store.status.checkpointProblem == nil)
      #expect(store.walBytes == 0)
      #expect(try await store.inspectTask(1) == [])
      #expect(try await store.texts("PRAGMA integrity_check") == ["ok"])
      try await store.close()
    }
  }
}
