import EventLoop
import Foundation
import Store
import Testing

/// Coroutines that are cancelled while they use the store, or while they serve it.
@Suite(.timeLimit(.minutes(1))) struct CancellationTests {
  private static func seeds(of path: String) throws -> Int64? {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let store = try await Store(path: path, loop: loop)
      let count = try await store.integer("SELECT count(*) FROM urls")
      try await store.close()
      return count
    }
  }

  @Test(arguments: [0, 1, 100]) func aLoopThatIsTornDownDoesNotWaitForTheStore(visits: Int64) throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("crawl.db")
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let store = try await Store(path: path, loop: loop)
      try await store.insertSampleTask()
      for id in 0..<visits { store.append(.discovering([.sample(2 + id)])) }
    }
    // What was not acknowledged is there or not; what was is.
    #expect(try #require(try Self.seeds(of: path)) >= 1)
  }

  @Test func aCancelledCoroutineClosesTheStoreWhole() throws {
    try onLoop(clock: .virtual) { loop, directory in
      let path = directory.file("crawl.db")
      let keeper = Keeper(loop: loop)
      try await keeper.open(path, StorePolicy(groupInterval: .seconds(3600)))
      let closer = loop.startTask(name: "closer") {
        try await keeper.use { store in
          try await store.insertSampleTask()
          for id in Int64(2)...50 { store.append(.discovering([.sample(id)])) }
          withUnsafeCurrentTask { $0?.cancel() }
          try await store.close()
        }
      }
      try await closer.value
      #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
      let again = try await Store(path: path, loop: loop)
      #expect(try await again.integer("SELECT count(*) FROM urls") == 50)
      #expect(try await again.inspectTask(1) == [])
      try await again.close()
    }
  }

  @Test func withoutItsCommitterTheStoreSaysSoAndCanStillBeClosed() throws {
    try onLoop(clock: .virtual) { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop)
      try await store.insertSampleTask()
      loop.cancelAllTasks()
      try await loop.sleep(for: .seconds(1))
      store.append(.discovering([.sample(2)]))
      await #expect(throws: StoreError.self) { try await store.flush() }
      #expect(store.failure == nil)
      #expect(store.outstanding.visits == 1)
      try await store.updateTask(1, state: "paused", desiredState: "running", reason: nil)
      try await store.close()
      #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
      let again = try await Store(path: path, loop: loop)
      #expect(try await again.integer("SELECT count(*) FROM urls") == 2)
      try await again.close()
    }
  }
}
