import EventLoop
import Foundation
import Store
import Testing

/// The full-text index: its segments are merged by steps between transactions, and whatever it has stays found.
@Suite struct MergeTests {
  /// No checkpoint, so that the log shows each transaction.
  private static let policy = StorePolicy(groupInterval: .zero, checkpointBytes: 1 << 30)
  private static let wordsPerText = 60

  private static func withStore(
    _ policy: StorePolicy = policy, _ body: @escaping @Sendable (Store, _ path: String, EventLoop) async throws -> Void
  ) throws {
    try onLoop(clock: .virtual) { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop, policy: policy)
      try await store.insertSampleTask()
      try await body(store, path, loop)
    }
  }

  /// Words that no other text has, but for the first.
  private static func text(_ id: Int64) -> String {
    var generator = SeededGenerator(state: UInt64(id))
    let words = (1..<wordsPerText).map { _ in String(generator.next(), radix: 36) }
    return "common word\(id)x " + words.joined(separator: " ")
  }

  private static func page(_ id: Int64) -> VisitRecord {
    var visit = VisitRecord.page(id, links: [id + 1])
    visit.page?.text = .text(text(id))
    return visit
  }

  /// Commits pages with texts, so many to a group.
  private static func commit(_ pages: ClosedRange<Int64>, by count: Int64, to store: Store) async throws {
    for page in pages {
      store.append(Self.page(page))
      if page % count == 0 { try await store.flush() }
    }
    try await store.flush()
  }

  /// Writes texts, each count of them in a transaction, of which the queue is not told: nothing is merged.
  private static func writeUnnoticed(_ texts: ClosedRange<Int64>, by count: Int, to store: Store) async throws {
    let rows = texts.map { "(\($0), x'\(String($0, radix: 16).leftPadded)', 'T', '\(text($0))')" }
    for start in stride(from: 0, to: rows.count, by: count) {
      let values = rows[start..<min(start + count, rows.count)].joined(separator: ",")
      try await store.control { try $0.database.execute("INSERT INTO page_texts VALUES \(values)") }
    }
  }

  /// With its last text a small index is emptied at once, a large one at the next start.
  @Test(arguments: [(pages: 2_000, rows: 2), (20, 21)])
  func anIndexWithoutTextsIsEmptied(pages: Int, rows: Int64) throws {
    var policy = Self.policy
    policy.emptiedIndexPages = pages
    try Self.withStore(policy) { store, path, loop in
      try await Self.commit(1...200, by: 50, to: store)
      #expect(try await Self.matches("common", store) == 200)
      try await store.updateTask(1, state: "removing", desiredState: "removed", reason: "user")
      try await store.removeTask(1)
      let count = "SELECT count(*) FROM page_search_data"
      #expect(try await (store.integer(count) ?? 0) >= rows)
      #expect(try await (store.integer(count) == 2) == (rows == 2))
      #expect(try await Self.matches("common", store) == 0)
      try await store.close()
      // A start that would take room which is to stay free leaves it to the next.
      var cramped = StorePolicy()
      cramped.minFreePercent = 100
      let first = try await Store(path: path, loop: loop, policy: cramped)
      #expect(try await (first.integer(count) == 2) == (rows == 2))
      try await first.close()
      let again = try await Store(path: path, loop: loop)
      #expect(try await again.integer(count) == 2)
      try await again.close()
    }
  }

  private static func segments(_ store: Store) async throws -> Int {
    Int(try await store.integer("SELECT count(DISTINCT segid) FROM page_search_idx") ?? -1)
  }

  private static func matches(_ word: String, _ store: Store) async throws -> Int64? {
    try await store.integer("SELECT count(*) FROM page_search WHERE page_search MATCH '\(word)'")
  }

  /// Pages that each transaction in the write-ahead log has written, in order (SQLite's file format, section 4.1: the header
  /// of a transaction's last frame says how many pages the database has then).
  private static func transactions(inLogOf path: String) throws -> [Int] {
    let log = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
    var lengths: [Int] = []
    var pages = 0
    for frame in stride(from: 32, to: log.count, by: 24 + 4096) {
      pages += 1
      if log[frame + 4..<frame + 8].contains(where: { $0 != 0 }) {
        lengths.append(pages)
        pages = 0
      }
    }
    return lengths
  }

  private static func expectSound(_ path: String, _ store: Store) async throws {
    #expect(Examination(path: path).findings.filter { $0.check == .texts } == [])
    try await store.control {
      try $0.database.execute("INSERT INTO page_search (page_search, rank) VALUES ('integrity-check', 1)")
    }
  }

  /// 1,200 commits make 1,200 segments, and fewer than 64 are there at any time.
  @Test func segmentsStayFewWhileTextsCome() throws {
    try Self.withStore { store, path, loop in
      var most = 0
      for page in Int64(1)...1200 {
        store.append(Self.page(page))
        try await store.flush()
        most = max(most, try await Self.segments(store))
      }
      #expect((16..<64).contains(most), "\(most)")
      try await loop.sleep(for: .seconds(1))
      let merges = store.status.merges
      #expect(merges > 1200 / 16)
      #expect(store.status.mergeFailure == nil)
      #expect(try await Self.segments(store) < 32)
      #expect(try await Self.matches("common", store) == 1200)
      for id in [1, 2, 600, 1199, 1200] { #expect(try await Self.matches("word\(id)x", store) == 1) }
      try await Self.expectSound(path, store)
      // When there is nothing to do nothing is tried.
      try await loop.sleep(for: .seconds(3600))
      #expect(store.status.merges == merges)
      try await store.close()
    }
  }

  /// With too many of them no group goes before enough are merged.
  @Test func aGroupWaitsWhileThereAreTooManySegments() throws {
    var policy = Self.policy
    policy.mergePages = 1
    policy.segments = 40
    try Self.withStore(policy) { store, path, loop in
      try await loop.sleep(for: .seconds(1))
      try await Self.writeUnnoticed(1...600, by: 10, to: store)
      try await Self.commit(1001...1001, by: 1, to: store)
      #expect(try await Self.segments(store) > 60)
      try await Self.commit(1002...1002, by: 1, to: store)
      #expect(try await Self.segments(store) <= 41)
      #expect(try await Self.matches("common", store) == 602)
      try await store.close()
    }
  }

  /// 40 segments of some 15 pages each are merged by steps of 64 pages, in part before the store is closed, and in part by
  /// itself after it was opened again.
  @Test func stepsAreShortAndGoOnAfterARestart() throws {
    try Self.withStore { store, path, loop in
      try await loop.sleep(for: .seconds(1))
      try await Self.writeUnnoticed(1...2400, by: 60, to: store)
      #expect(try await Self.segments(store) == 40)
      let before = try Self.transactions(inLogOf: path).count
      for _ in 0..<3 {
        let step = try await store.control { try $0.mergeTexts(pages: 64) }
        #expect(step.hasMerged && step.segments >= 40)
      }
      let steps = try Self.transactions(inLogOf: path)[before...]
      #expect(steps.count == 3 && steps.allSatisfy { (64..<400).contains($0) }, "\(steps)")
      #expect(try await Self.matches("common", store) == 2400)
      try await store.close()

      let again = try await Store(path: path, loop: loop, policy: Self.policy)
      try await loop.sleep(for: .seconds(1))
      #expect(again.status.merges > 3)
      #expect(try await Self.segments(again) == 1)
      let further = try Self.transactions(inLogOf: path)
      #expect(further.allSatisfy { $0 < 400 }, "\(further)")
      let nothing = try await again.control { try $0.mergeTexts(pages: 64) }
      #expect(!nothing.hasMerged && nothing.segments == 1)
      #expect(try await Self.matches("common", again) == 2400)
      #expect(try await Self.matches("word77x", again) == 1)
      try await again.close()
    }
  }

  /// A removal writes little at a time, whatever the index holds, and finds no more of what is gone.
  @Test func aRemovalWritesLittleAtATime() throws {
    try Self.withStore { store, path, loop in
      try await Self.commit(1...3000, by: 100, to: store)
      try await loop.sleep(for: .seconds(1))
      try await store.control {
        try $0.database.execute(
          """
          INSERT INTO pages (url_id, run_id, fetch_id, link_count, fetched_at, text_id)
          SELECT 90000, 9, 9, 0, 0, text_id FROM pages WHERE url_id = 7
          """)
      }
      #expect(try await store.integer("SELECT sum(length(block)) / 4096 FROM page_search_data") ?? 0 > 500)
      let before = try Self.transactions(inLogOf: path).count
      try await store.removeTask(1)
      let written = try Self.transactions(inLogOf: path)[before...]
      #expect(written.count > 3000 / 64)
      #expect(written.allSatisfy { $0 < 400 }, "\(written.max() ?? 0)")
      #expect(try await Self.segments(store) < 64)
      try await loop.sleep(for: .seconds(1))
      #expect(try await Self.segments(store) < 32)
      #expect(try await Self.matches("common", store) == 1)
      #expect(try await Self.matches("word7x", store) == 1)
      #expect(try await Self.matches("word8x", store) == 0)
      try await store.close()
    }
  }

  /// What can't be merged is told, is tried again by time, and keeps nobody from writing.
  @Test func aFailingStepIsToldAndTriedAgainLater() throws {
    try Self.withStore { store, path, loop in
      try await loop.sleep(for: .seconds(1))
      try await Self.writeUnnoticed(1...960, by: 60, to: store)
      try await store.control {
        try $0.database.execute(
          """
          CREATE TABLE lost AS SELECT * FROM page_search_data WHERE id > 10;
          DELETE FROM page_search_data WHERE id > 10
          """)
      }
      try await Self.commit(2000...2010, by: 1, to: store)
      let tries = store.status.merges
      try await loop.sleep(for: .seconds(60))
      #expect(store.status.mergeFailure?.contains("malformed") == true, "\(store.status.mergeFailure ?? "none")")
      #expect((5...7).contains(store.status.merges - tries))
      #expect(store.failure == nil && store.outstanding.visits == 0)
      try await store.control {
        try $0.database.execute("INSERT INTO page_search_data SELECT * FROM lost; DROP TABLE lost")
      }
      try await loop.sleep(for: .seconds(11))
      #expect(store.status.mergeFailure == nil)
      #expect(try await Self.segments(store) < 16)
      #expect(try await Self.matches("common", store) == 971)
      try await store.close()
    }
  }
}

extension String {
  /// Digits for whole bytes.
  fileprivate var leftPadded: String { String(repeating: "0", count: 8 - count) + self }
}
