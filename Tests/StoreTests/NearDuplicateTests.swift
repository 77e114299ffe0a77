import EventLoop
import Store
import Testing

/// Texts that are nearly the same: which pairs are found, and what is stored of them.
@Suite struct NearDuplicateTests {
  private static func page(_ id: Int64, simhash: UInt64?, text: UInt64? = nil) -> VisitRecord {
    var visit = VisitRecord.page(id, links: [id + 1])
    visit.page?.simhash = simhash
    visit.page?.textHash = text ?? UInt64(id)
    return visit
  }

  private static let stored =
    "SELECT url_id || ' ' || other_url_id || ' ' || distance FROM v_near_duplicates ORDER BY 1"

  private static func withStore(_ body: @escaping @Sendable (Store) async throws -> Void) throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      try await body(store)
      try await store.close()
    }
  }

  private static let base: UInt64 = 0x8123_4567_89AB_CDEF

  @Test func pairsOfATaskAreStored() throws {
    try Self.withStore { store in
      let base = Self.base
      let hashes = [base, base ^ (1 << 63) ^ 1 ^ (1 << 33), base ^ 0xF, ~base, base, base ^ (1 << 62)]
      for (place, hash) in hashes.enumerated() { store.append(Self.page(Int64(place) + 1, simhash: hash)) }
      // The same text again, and pages without one.
      store.append(Self.page(7, simhash: base, text: 1))
      store.append(Self.page(8, simhash: nil))
      let comparison = try await store.compareTexts(ofTask: 1, runID: 1)
      #expect(comparison.fetches == 8 && !comparison.isPartial)
      #expect(try await store.texts(Self.stored) == ["1 2 3", "1 5 0", "1 6 1", "2 5 3", "5 6 1"])
      #expect(try await store.loadTasks().map(\.comparedFetches) == [8])
    }
  }

  @Test func whatHasChangedSinceTakesThePlaceOfWhatWas() throws {
    try Self.withStore { store in
      for id in 1...3 { store.append(Self.page(Int64(id), simhash: Self.base ^ UInt64(id))) }
      _ = try await store.compareTexts(ofTask: 1, runID: 1)
      #expect(try await store.texts(Self.stored) == ["1 2 2", "1 3 1", "2 3 1"])
      let again = VisitRecord(taskID: 1, page: Self.page(2, simhash: ~Self.base, text: 20).page)
      store.append(again)
      store.append(Self.page(4, simhash: ~Self.base ^ 1))
      let nearer = VisitRecord(taskID: 1, page: Self.page(3, simhash: Self.base ^ 1, text: 30).page)
      store.append(nearer)
      _ = try await store.compareTexts(ofTask: 1, runID: 1)
      #expect(try await store.texts(Self.stored) == ["1 3 0", "2 4 1"])
    }
  }

  @Test func theyGoWithTheirTask() throws {
    try Self.withStore { store in
      for id in 1...3 { store.append(Self.page(Int64(id), simhash: Self.base)) }
      _ = try await store.compareTexts(ofTask: 1, runID: 1)
      #expect(try await store.integer("SELECT count(*) FROM near_duplicates") == 3)
      try await store.updateTask(1, state: "removing", desiredState: "removed", reason: "user")
      try await store.removeTask(1)
      #expect(try await store.integer("SELECT count(*) FROM near_duplicates") == 0)
    }
  }

  /// Its rows are about to go: none is added.
  @Test func aTaskThatIsBeingRemovedGetsNone() throws {
    try Self.withStore { store in
      for id in 1...3 { store.append(Self.page(Int64(id), simhash: Self.base)) }
      try await store.updateTask(1, state: "removing", desiredState: "removed", reason: "user")
      _ = try await store.compareTexts(ofTask: 1, runID: 1)
      #expect(try await store.integer("SELECT count(*) FROM near_duplicates") == 0)
    }
  }

  /// Against all with all: families of near texts among random ones.
  @Test(arguments: 0..<8) func bandsFindWhatComparingAllFinds(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    var texts: [NearDuplicates.Text] = []
    for id in 1...1_500 {
      var simhash: UInt64 = random.next()
      if let near = texts.randomElement(using: &random), id % 3 == 0 {
        simhash = near.simhash
        for _ in 0..<Int.random(in: 0...4, using: &random) { simhash ^= 1 << UInt64.random(in: 0..<64, using: &random) }
      }
      texts.append(NearDuplicates.Text(urlID: Int64(id), simhash: simhash))
    }
    var expected: Set<NearDuplicates.Pair> = []
    for (place, other) in texts.enumerated() {
      let near = texts[..<place].map {
        NearDuplicates.Pair(
          urlID: $0.urlID, otherURLID: other.urlID, distance: ($0.simhash ^ other.simhash).nonzeroBitCount)
      }.filter { $0.distance <= 3 }.sorted { ($0.distance, $0.urlID) < ($1.distance, $1.urlID) }
      expected.formUnion(near.prefix(NearDuplicates.maxPairs))
    }
    #expect(expected.count > 100)
    let (pairs, isPartial) = NearDuplicates.pairs(of: texts.shuffled(using: &random)) ?? ([], true)
    let ordered = expected.sorted { ($0.urlID, $0.otherURLID) < ($1.urlID, $1.otherURLID) }
    #expect(pairs == ordered && !isPartial)
  }

  /// Thousands of texts that are all near: the pairs stay linear, and each text has some.
  @Test func aLargeFamilyStaysLinear() {
    var random = SeededGenerator(state: 1)
    let texts = (1...5_000).map { id in
      NearDuplicates.Text(urlID: Int64(id), simhash: Self.base ^ 1 << UInt64.random(in: 0..<64, using: &random))
    }
    let (pairs, isPartial) = NearDuplicates.pairs(of: texts) ?? ([], true)
    #expect(pairs.count <= NearDuplicates.maxPairs * texts.count && !isPartial)
    #expect(Set(pairs.flatMap { [$0.urlID, $0.otherURLID] }).count == texts.count)
    // Of more texts than may have pairs some are without, and that is said.
    let (some, isCut) = NearDuplicates.pairs(of: texts, maxPairedTexts: 100) ?? ([], false)
    #expect(isCut && Set(some.map(\.otherURLID)).count == 100)
  }

  /// Of more texts than are compared those with the smallest hashes are, and that is said.
  @Test func noMoreTextsAreComparedThanTheBoundSays() throws {
    try Self.withStore { store in
      for id in 1...4 { store.append(Self.page(Int64(id), simhash: Self.base, text: UInt64(5 - id))) }
      let cut = try await store.compareTexts(ofTask: 1, runID: 1, maxTexts: 2)
      #expect(cut.isPartial)
      #expect(try await store.texts(Self.stored) == ["3 4 0"])
      let whole = try await store.compareTexts(ofTask: 1, runID: 1, maxTexts: 4)
      #expect(!whole.isPartial)
      #expect(try await store.texts(Self.stored) == ["1 2 0", "1 3 0", "1 4 0", "2 3 0", "2 4 0", "3 4 0"])
    }
  }

  @Test func whatIsNotWantedAnyMoreIsBrokenOff() {
    var asked = 0
    let texts = (1...2).map { NearDuplicates.Text(urlID: $0, simhash: 1) }
    let pairs = NearDuplicates.pairs(of: texts) {
      asked += 1
      return asked == 2
    }
    #expect(pairs == nil && asked == 2)
  }
}
