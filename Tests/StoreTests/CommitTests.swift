import EventLoop
import Foundation
import Store
import Testing

import struct Store.TaskRecord

@Suite struct CommitTests {
  @Test func visitsCommitInOrderInGroupsOfTheirLimits() throws {
    try onLoop { loop, directory in
      let policy = StorePolicy(groupInterval: .seconds(3600), groupVisits: 2, groupRows: 30)
      let store = try await Store(path: directory.file("crawl.db"), loop: loop, policy: policy)
      try await store.insertSampleTask()
      var commits: [Int64] = []
      store.onCommit = { commits.append($0) }
      for id in Int64(2)...6 { #expect(store.append(.discovering([.sample(id)])) == id - 1) }
      store.append(.discovering((Int64(7)...60).map { .sample($0) }))
      store.append(.discovering([.sample(61)]))
      #expect(store.outstanding.visits == 7)
      #expect(store.outstanding.bytes > 60 * 100)
      try await store.flush()
      #expect(commits == [2, 4, 5, 6, 7])
      #expect(store.outstanding == (0, 0))
      #expect(store.status.commits == 5)
      #expect(try await store.integer("SELECT count(*) FROM urls") == 61)
      try await store.close()
    }
  }

  @Test func aSecondGroupWaitsForItsInterval() throws {
    try onLoop { loop, directory in
      let store = try await Store(
        path: directory.file("crawl.db"), loop: loop, policy: StorePolicy(groupInterval: .seconds(3600)))
      try await store.insertSampleTask()
      store.append(.discovering([.sample(2)]))
      try await store.flush()
      store.append(.discovering([.sample(3)]))
      // A control write has its turn before the visit that waits.
      try await store.updateTask(1, state: "running", desiredState: "running", reason: nil)
      #expect(store.outstanding.visits == 1)
      #expect(try await store.integer("SELECT count(*) FROM urls") == 2)
      // A barrier makes it begin at once.
      #expect(try await store.hostsWithReadyURLs(taskID: 1, after: 0, limit: 10).map(\.first.id) == [1])
      #expect(store.outstanding.visits == 0)
      try await store.close()
    }
  }

  @Test func closeCommitsWhatIsQueued() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop, policy: StorePolicy(groupInterval: .seconds(3600)))
      try await store.insertSampleTask()
      for id in Int64(2)...600 { store.append(.discovering([.sample(id)])) }
      try await store.close()
      #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
      // All is committed, so that there is nothing to wait for; nothing more is taken.
      try await store.flush()
      #expect(store.outstanding == (0, 0))
      await #expect(throws: StoreError.self) { try await store.checkpoint() }
      await #expect(throws: StoreError.self) { try await store.close() }
      let again = try await Store(path: path, loop: loop)
      #expect(again.nextURLID == 601)
      #expect(again.nextHostID == 2)
      #expect(again.nextTaskID == 2)
      #expect(again.nextRunID == 2)
      #expect(again.nextFetchID == 1)
      #expect(again.fingerprintKey == store.fingerprintKey)
      #expect(try await again.inspectTask(1) == [])
      try await again.close()
    }
  }

  @Test func aLogCutAtAnyByteHoldsWholeVisitsAndAllThatWasAcknowledged() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(
        path: path, loop: loop, policy: StorePolicy(groupInterval: .zero, groupVisits: 3, checkpointBytes: 1 << 30))
      try await store.insertSampleTask()
      try await store.checkpoint()
      // What the log's length was when the visits up to a number were acknowledged.
      var acknowledged: [(length: Int, visits: Int64)] = []
      store.onCommit = { through in acknowledged.append((store.status.walBytes, through)) }
      for page in Int64(1)...60 {
        store.append(.page(page, links: (0..<5).map { page * 5 - 3 + $0 }))
        if page % 7 == 0 { try await store.flush() }
      }
      try await store.flush()
      let database = try #require(FileManager.default.contents(atPath: path))
      let log = try #require(FileManager.default.contents(atPath: path + "-wal"))
      #expect(acknowledged.last?.visits == 60)
      try await store.close()

      var random = SeededGenerator(state: 7)
      var seen: Set<Int64> = []
      for round in 0..<60 {
        let length = round == 0 ? log.count : Int.random(in: 0...log.count, using: &random)
        let copy = directory.file("copy-\(round).db")
        try database.write(to: URL(fileURLWithPath: copy))
        try log.prefix(length).write(to: URL(fileURLWithPath: copy + "-wal"))
        let reopened = try await Store(path: copy, loop: loop)
        let pages = try await reopened.integer("SELECT count(*) FROM pages") ?? -1
        seen.insert(pages)
        let promised = acknowledged.last { $0.length <= length }?.visits ?? 0
        #expect(pages >= promised, "cut at \(length)")
        #expect(try await reopened.integer("SELECT count(*) FROM links") == pages * 5)
        #expect(try await reopened.integer("SELECT count(*) FROM urls") == pages * 5 + 1)
        #expect(try await reopened.integer("SELECT count(*) FROM urls WHERE state = 'done'") == pages)
        #expect(try await reopened.integer("SELECT coalesce(max(url_id), 0) FROM pages") == pages)
        #expect(try await reopened.inspectTask(1) == [])
        try await reopened.close()
      }
      #expect(seen.count > 10)
      #expect(seen.contains(60))
    }
  }

  @Test func aFailedGroupStaysAndGoesThroughWhenThereIsRoom() throws {
    try onLoop { loop, directory in
      let store = try await Store(
        path: directory.file("crawl.db"), loop: loop,
        policy: StorePolicy(groupInterval: .zero, retryInterval: .milliseconds(1)))
      try await store.insertSampleTask()
      let (changes, changed) = AsyncStream.makeStream(of: StoreFailure?.self)
      store.onFailureChange = { [unowned store] in changed.yield(store.failure) }
      var failures = changes.makeAsyncIterator()
      try await store.control { writer in
        let pages = try writer.database.integer("PRAGMA page_count") ?? 0
        _ = try writer.database.integer("PRAGMA max_page_count = \(pages + 1)")
      }
      for page in Int64(1)...200 { store.append(.page(page, links: [page * 2, page * 2 + 1])) }
      let failure = try #require(await failures.next() ?? nil)
      #expect(failure.kind == .disk)
      #expect(failure.sentence.contains("full"))
      #expect(store.outstanding.visits == 200)
      // Whoever can't wait is told; control goes on where it needs no room; reads go on.
      await #expect(throws: StoreError.self) {
        try await store.insertTask(.sample(2), seeds: VisitRecord(taskID: 2), event: .sample(2))
      }
      try await store.updateTask(1, state: "paused", desiredState: "running", reason: "disk")
      #expect(try await store.loadedState() == "paused")
      #expect(try await store.integer("SELECT count(*) FROM pages") == 0)
      try await store.control { _ = try $0.database.integer("PRAGMA max_page_count = 1000000") }
      #expect(await failures.next() == .some(nil))
      try await store.flush()
      #expect(store.failure == nil)
      #expect(try await store.integer("SELECT count(*) FROM pages") == 200)
      #expect(try await store.inspectTask(1) == [])
      try await store.close()
    }
  }

  @Test func closingAFullDiskSaysSoAndKeepsWhatWasCommitted() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop, policy: StorePolicy(retryInterval: .seconds(3600)))
      try await store.insertSampleTask()
      store.append(.page(1, links: [2, 3]))
      try await store.flush()
      try await store.control { writer in
        let pages = try writer.database.integer("PRAGMA page_count") ?? 0
        _ = try writer.database.integer("PRAGMA max_page_count = \(pages)")
      }
      for page in Int64(2)...100 { store.append(.page(page, links: [page * 2, page * 2 + 1])) }
      await #expect(throws: StoreError.self) { try await store.close() }
      let again = try await Store(path: path, loop: loop)
      #expect(try await again.integer("SELECT count(*) FROM pages") == 1)
      #expect(try await again.inspectTask(1) == [])
      try await again.close()
    }
  }

  @Test func aCancelledBarrierGoesAwayAndLosesNothing() throws {
    try onLoop { loop, directory in
      let store = try await Store(
        path: directory.file("crawl.db"), loop: loop,
        policy: StorePolicy(groupInterval: .zero, retryInterval: .milliseconds(1)))
      try await store.insertSampleTask()
      try await store.control { writer in
        let pages = try writer.database.integer("PRAGMA page_count") ?? 0
        _ = try writer.database.integer("PRAGMA max_page_count = \(pages)")
      }
      for page in Int64(1)...100 { store.append(.page(page, links: [page * 2, page * 2 + 1])) }
      await #expect(throws: (any Error).self) {
        try await loop.withTimeout(.zero) { try await store.flush() }
      }
      await #expect(throws: (any Error).self) {
        try await loop.withTimeout(.zero) { _ = try await store.nextDueTime() }
      }
      try await store.control { _ = try $0.database.integer("PRAGMA max_page_count = 1000000") }
      try await store.flush()
      #expect(try await store.integer("SELECT count(*) FROM pages") == 100)
      try await store.close()
    }
  }
}

extension Store {
  fileprivate func loadedState() async throws -> String? { try await texts("SELECT state FROM tasks").first }
}
