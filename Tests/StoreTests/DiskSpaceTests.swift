import EventLoop
import Store
import Testing

/// How much room there has to be.
@Suite struct DiskSpaceTests {
  private func shortage(free: Int, of total: Int = 1_000, after earlier: DiskShortage? = nil, bytes: Int, percent: Int)
    -> DiskShortage?
  {
    DiskShortage(
      DiskSpace(free: free, total: total), after: earlier, StorePolicy(minFreeBytes: bytes, minFreePercent: percent))
  }

  @Test func theLargerOfBothLimitsCounts() {
    #expect(shortage(free: 80, bytes: 80, percent: 0) == nil)
    #expect(shortage(free: 79, bytes: 80, percent: 0)?.enough == 90)
    #expect(shortage(free: 79, bytes: 8, percent: 8)?.enough == 90)
    #expect(shortage(free: 80, bytes: 8, percent: 8) == nil)
    #expect(shortage(free: 0, bytes: 0, percent: 0) == nil)
  }

  @Test func itEndsWithAnEighthMore() throws {
    let first = try #require(shortage(free: 79, bytes: 80, percent: 0))
    let second = try #require(shortage(free: 89, after: first, bytes: 80, percent: 0))
    #expect(second.free == 89)
    #expect(shortage(free: 90, after: second, bytes: 80, percent: 0) == nil)
  }

  @Test func whatNobodyKnowsIsNoShortage() {
    let policy = StorePolicy(minFreeBytes: 1 << 40)
    #expect(DiskShortage(nil, after: nil, policy) == nil)
    #expect(DiskShortage(nil, after: DiskShortage(DiskSpace(free: 0, total: 9), after: nil, policy), policy) == nil)
  }

  @Test func aStoreIsInAShortageFromItsOpeningAndLooksAgainByTime() throws {
    try onLoop(clock: .virtual) { loop, directory in
      let store = try await Store(
        path: directory.file("crawl.db"), loop: loop, policy: StorePolicy(groupInterval: .zero, minFreeBytes: .max / 2))
      #expect(store.shortage != nil)
      let free = try #require(store.status.freeBytes)
      #expect(free > 0)
      // Whatever is appended is committed all the same.
      try await store.insertSampleTask()
      store.append(.page(1, links: [2, 3]))
      try await store.flush()
      #expect(try await store.integer("SELECT count(*) FROM pages") == 1)
      try await loop.sleep(for: .seconds(10))
      #expect(store.shortage != nil)
      try await store.close()
    }
  }
}
