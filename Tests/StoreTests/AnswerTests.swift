import EventLoop
import Foundation
import Store
import Testing

/// Questions of users are read beside the crawl and for a limited time.
@Suite struct AnswerTests {
  private static func threadName() -> String {
    (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? ""
  }

  @Test func questionsHaveThreadsOfTheirOwn() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      #expect(try await store.answer { _ in Self.threadName() }.hasPrefix("reader-"))
      #expect(try await store.read { _ in Self.threadName() }.hasPrefix("worker-"))
      try await store.close()
    }
  }

  @Test func aQuestionThatTakesTooLongIsToldSo() throws {
    try onLoop { loop, directory in
      let store = try await Store(
        path: directory.file("crawl.db"), loop: loop, policy: StorePolicy(answerTime: .zero))
      try await store.insertSampleTask()
      let count = Int64(5000)
      store.append(.discovering((Int64(2)...count).map { .sample($0) }))
      let fetches = (Int64(1)...count).map {
        FetchRecord(id: $0, urlID: $0, hostID: 1, taskID: 1, runID: 1, startedAt: 1, outcome: "reset")
      }
      store.append(
        VisitRecord(
          taskID: 1, newHosts: (Int64(2)...count).map { .sample($0) }, fetches: fetches,
          counters: CounterDelta(fetches: fetches.count)))
      try await store.flush()
      let error = await #expect(throws: StoreError.self) { _ = try await store.outcomeCounts(taskID: 1) }
      #expect(error?.description.contains("crawlctl query") == true)
      await #expect(throws: StoreError.self) { _ = try await store.urls(fingerprints: [1: 7]) }
      // Those that are short come through, and the crawl's own reads have no limit, on whatever connection.
      #expect(try await store.url(id: 1)?.record.id == 1)
      #expect(try await store.readyURLs(taskID: 1, hostID: 1, after: nil, limit: 10_000).count == 5000)
      var known = 0
      try await store.scanKnownURLs(taskID: 1) { known += $0.count }
      #expect(known == 5000)
      #expect(try await store.inspectTask(1) == [])
      try await store.close()
    }
  }

  @Test func closingEndsWhatIsStillRead() throws {
    try onLoop { loop, directory in
      let keeper = Keeper(loop: loop)
      try await keeper.open(directory.file("crawl.db"), StorePolicy(answerTime: .seconds(3600)))
      let (beginnings, began) = AsyncStream.makeStream(of: Void.self)
      let question = loop.startTask(name: "question") {
        try await keeper.use { store in
          try await store.answer { database in
            began.yield()
            return try database.integer(
              "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
          }
        }
      }
      var beginning = beginnings.makeAsyncIterator()
      await beginning.next()
      try await keeper.use { try await $0.close() }
      await #expect(throws: StoreError.self) { _ = try await question.value }
      await #expect(throws: StoreError.self) { try await keeper.use { _ = try await $0.outcomeCounts(taskID: 1) } }
    }
  }
}
