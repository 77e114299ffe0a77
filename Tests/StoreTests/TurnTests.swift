import EventLoop
import Foundation
import Store
import Testing

/// Who has the writer next.
@Suite struct TurnTests {
  /// A turn that has the writer until a byte is written into the pipe.
  private static func hold(
    _ keeper: Keeper,
    by turn: @escaping @Sendable (Store, @escaping @Sendable (Writer) throws -> Void) async throws -> Void
  ) async -> (Coroutine<Void>, Pipe) {
    let gate = Pipe()
    let (turns, began) = AsyncStream.makeStream(of: Void.self)
    let holder = keeper.loop.startTask(name: "holder") {
      try await keeper.use { store in
        try await turn(store) { _ in
          began.yield()
          _ = gate.fileHandleForReading.readData(ofLength: 1)
        }
      }
    }
    var beginnings = turns.makeAsyncIterator()
    await beginnings.next()
    return (holder, gate)
  }

  /// Control turns that keep coming don't hold groups up: between two of them goes a group that is due.
  @Test func aDueGroupGoesBetweenTwoControlTurns() throws {
    try onLoop { loop, directory in
      let keeper = Keeper(loop: loop)
      try await keeper.open(directory.file("crawl.db"), StorePolicy(groupInterval: .zero))
      try await keeper.use { try await $0.insertSampleTask() }
      let (first, gate) = await Self.hold(keeper) { try await $0.control($1) }
      // While the first has the writer, a visit and three more turns come.
      try await keeper.use { _ = $0.append(.discovering([.sample(2)])) }
      let others = (0..<3).map { number in
        loop.startTask(name: "turn \(number)") {
          try await keeper.use { store in
            try await store.control { try $0.database.integer("SELECT count(*) FROM urls") }
          }
        }
      }
      for _ in 0..<20 { await Task.yield() }
      try gate.fileHandleForWriting.write(contentsOf: [0])
      try await first.value
      for other in others { #expect(try await other.value == 2) }
      try await keeper.use { try await $0.close() }
    }
  }

  /// A control transaction waits for the barrier under way alone, and not for a group that is due as well.
  @Test func aControlTransactionGoesBeforeADueGroupAfterABarrier() throws {
    try onLoop { loop, directory in
      let keeper = Keeper(loop: loop)
      try await keeper.open(directory.file("crawl.db"), StorePolicy(groupInterval: .zero))
      try await keeper.use { try await $0.insertSampleTask() }
      let (barrier, gate) = await Self.hold(keeper) { try await $0.ordered($1) }
      try await keeper.use { _ = $0.append(.discovering([.sample(2)])) }
      let control = loop.startTask(name: "control") {
        try await keeper.use { store in
          try await store.control { try $0.database.integer("SELECT count(*) FROM urls") }
        }
      }
      for _ in 0..<20 { await Task.yield() }
      try gate.fileHandleForWriting.write(contentsOf: [0])
      try await barrier.value
      #expect(try await control.value == 1)
      try await keeper.use { try await $0.flush() }
      #expect(try await keeper.use { try await $0.integer("SELECT count(*) FROM urls") } == 2)
      try await keeper.use { try await $0.close() }
    }
  }
}
