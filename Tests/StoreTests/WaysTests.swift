import EventLoop
import Store
import Testing

/// The links of a task in their order.
@Suite struct WaysTests {
  private func scan(_ store: Store, until enough: (Int) -> Bool = { _ in false }) async throws -> [[StoredWays]] {
    var chunks: [[StoredWays]] = []
    try await store.scanWays(
      taskID: 1, lastSitemaps: 4, step: { kind, _, _ in kind == "a" ? .link : kind == "sitemap" ? .sitemap : nil }
    ) { chunk in
      chunks.append(chunk)
      return !enough(chunks.count)
    }
    return chunks
  }

  @Test func linksComeInChunksUntilItIsEnough() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      let ids = Array(Int64(2)...60)
      store.append(.discovering(ids.map { .sample($0, depth: 3) }))
      let targets = Array(Int64(1_000)..<2_000)
      store.append(.discovering(targets.map { .sample($0, state: .excluded, reason: "exclude", via: 2) }))
      for id in ids {
        var page = VisitRecord.page(id, links: [])
        page.links = targets.map { LinkRecord(targetURLID: $0, kind: id == 5 ? "img" : "a") }
        store.append(page)
      }
      try await store.flush()
      let chunks = try await self.scan(store)
      let links = chunks.map { $0.reduce(0) { $0 + $1.links.count } }
      #expect(links.reduce(0, +) == 58_000)
      #expect(links.allSatisfy { $0 <= Store.waysPerChunk + 1_000 })
      #expect(chunks.joined().filter { !$0.links.isEmpty }.map(\.source) == ids.filter { $0 != 5 })
      #expect(chunks.joined().allSatisfy { $0.depth == 3 || $0.links.isEmpty })
      #expect(try await self.scan(store) { $0 == 2 }.count == 2)
      try await store.close()
    }
  }

  /// What an index of the last level names is not followed; what a list of that level names is.
  @Test func theLastSitemapsNameWhatIsFollowed() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      store.append(.discovering([.sample(2, priority: 4)]))
      store.append(
        .discovering([
          .sample(3, state: .excluded, reason: "follow", via: 2), .sample(4, state: .excluded, reason: "follow"),
          .sample(5, state: .excluded, reason: "exclude", via: 2),
        ]))
      var sitemap = VisitRecord.page(2, links: [])
      sitemap.links = (Int64(3)...5).map { LinkRecord(targetURLID: $0, kind: "sitemap") }
      store.append(sitemap)
      try await store.flush()
      let ways = try await self.scan(store).joined().filter { $0.source == 2 }
      #expect(ways.flatMap { $0.links.map(\.target) } == [4, 5])
      #expect(ways.allSatisfy { $0.links.allSatisfy { $0.step == .sitemap } })
      try await store.close()
    }
  }
}
