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

  /// Removals are the room that a user can make with crawlctl.
  @Test(arguments: [true, false])
  func inAShortageTheFileGivesBackWhatARemovalLeftFree(isShort: Bool) throws {
    try onLoop(clock: .virtual) { loop, directory in
      let policy = StorePolicy(groupInterval: .zero, minFreeBytes: isShort ? .max / 2 : 0, vacuumPages: 16)
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop, policy: policy)
      try await store.insertSampleTask()
      store.append(.discovering((2...5_000).map { .sample($0) }))
      try await store.flush()
      try await store.checkpoint()
      let before = store.status.databaseBytes
      try await store.removeTask(1)
      try await store.checkpoint()
      // As long as it takes, and not for ever.
      for _ in 0..<1_000 {
        guard isShort, try await store.integer("PRAGMA freelist_count") != 0 else { break }
        try await loop.sleep(for: .seconds(1))
      }
      let free = Int(try await store.integer("PRAGMA freelist_count") ?? 0) * 4_096
      #expect(isShort ? free == 0 : free > before / 2)
      let status = store.status
      #expect(isShort ? status.databaseBytes < before / 2 : status.databaseBytes >= before)
      if isShort { #expect(status.walBytes == 0) }
      try await store.close()
      #expect(Examination(path: path).findings.filter { $0.check != .permissions } == [])
    }
  }
}
