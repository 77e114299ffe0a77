import EventLoop
import Glibc
import Synchronization
import Testing

@Suite struct SeveralLoopsTests {
  @Test func `loops on their own threads wait for each other's coroutines`() throws {
    let here = try EventLoop()
    let there = try EventLoop()
    let isOver = Gate(there)
    let thread = try OwnThread { try there.runUntilComplete { await isOver.pass() } }
    try here.runUntilComplete {
      let mainThread = pthread_self()
      for round in 1...100 {
        // A coroutine of the other loop is started on the other loop's thread, and awaited here.
        let started = AsyncStream.makeStream(of: Coroutine<Int>.self)
        there.callSoonThreadSafe {
          started.continuation.yield(
            there.startTask(name: "there") {
              #expect(EventLoop.current === there)
              #expect(pthread_self() != mainThread)
              try await there.sleep(for: .zero)
              return round
            })
          started.continuation.finish()
        }
        for await task in started.stream {
          let value = try await task.value
          #expect(value == round)
          #expect(pthread_self() == mainThread)
        }
      }
      there.callSoonThreadSafe { isOver.assumeIsolated { $0.open() } }
    }
    try thread.join()
    try here.close()
    try there.close()
  }

  @Test func `a coroutine of one loop may wait on another, and is cancelled there`() throws {
    let here = try EventLoop()
    let there = try EventLoop()
    let isOver = Gate(there)
    let visited = Visited(there)
    let thread = try OwnThread { try there.runUntilComplete { await isOver.pass() } }
    try here.runUntilComplete {
      for round in 0..<200 {
        let visitor = here.startTask(name: "visitor") { try await visited.sleep(for: .milliseconds(round % 3)) }
        try await here.sleep(for: .milliseconds(1))
        visitor.cancel()
        // Whether it was cancelled or had slept, it comes back.
        _ = await visitor.result
      }
      let patient = here.startTask(name: "patient") { try await visited.sleep(for: .seconds(3_600)) }
      try await nextRounds(2)
      patient.cancel()
      await #expect(throws: CancellationError.self) { try await patient.value }
      there.callSoonThreadSafe { isOver.assumeIsolated { $0.open() } }
    }
    try thread.join()
    try here.close()
    try there.close()
  }

  @Test func `a loop that coroutines of others wait in cannot be closed`() throws {
    let here = try EventLoop()
    let there = try EventLoop()
    let isOver = Gate(there)
    let visited = Visited(there)
    let thread = try OwnThread { try there.runUntilComplete { await isOver.pass() } }
    let visitor = try here.runUntilComplete {
      let visitor = here.startTask(name: "visitor") { try await visited.sleep(for: .seconds(3_600)) }
      let (told, telling) = AsyncStream.makeStream(of: Void.self)
      // By now the visitor waits there, or will before the gate is open.
      while !visited.isVisited.load(ordering: .acquiring) { try await nextRounds() }
      there.callSoonThreadSafe {
        isOver.assumeIsolated { $0.open() }
        telling.finish()
      }
      for await _ in told {}
      return visitor
    }
    try thread.join()
    #expect(throws: EventLoopError.tasksAlive(["1 of other event loops"])) { try there.close() }
    let second = try OwnThread {
      try there.runUntilComplete { while visited.isVisited.load(ordering: .acquiring) { try await nextRounds() } }
    }
    visitor.cancel()
    _ = try here.runUntilComplete { await visitor.result }
    try second.join()
    try there.close()
    try here.close()
  }

  @Test func `a loop that coroutines of others are on their way to cannot be closed`() throws {
    let here = try EventLoop()
    let there = try EventLoop()
    let visited = Visited(there)
    let visitor = try here.runUntilComplete {
      let visitor = here.startTask(name: "visitor") { try await visited.sleep(for: .zero) }
      try await nextRounds(2)
      return visitor
    }
    #expect(throws: EventLoopError.tasksAlive(["1 of other event loops"])) { try there.close() }
    try there.runUntilComplete {
      while !visited.isVisited.load(ordering: .acquiring) { try await nextRounds() }
      while visited.isVisited.load(ordering: .acquiring) { try await nextRounds() }
    }
    try here.runUntilComplete { try await visitor.value }
    try there.close()
    try here.close()
  }

  @Test func `every loop has its own time`() throws {
    let slow = try EventLoop(clock: .virtual)
    let fast = try EventLoop(clock: .virtual)
    try slow.runUntilComplete { try await slow.sleep(for: .seconds(1)) }
    try fast.runUntilComplete { try await fast.sleep(for: .seconds(1_000)) }
    #expect(slow.now.nanoseconds == 1_000_000_000)
    #expect(fast.now.nanoseconds == 1_000_000_000_000)
    try slow.close()
    try fast.close()
  }
}

/// Waits on its own loop for callers of any.
private actor Visited: LoopActor {
  nonisolated let loop: EventLoop

  init(_ loop: EventLoop) { self.loop = loop }

  /// Whether somebody waits here.
  let isVisited = Atomic(false)

  func sleep(for duration: Duration) async throws {
    isVisited.store(true, ordering: .releasing)
    defer { isVisited.store(false, ordering: .releasing) }
    try await loop.sleep(for: duration)
  }
}

/// A thread that runs one closure.
final class OwnThread {
  private var thread = pthread_t()
  private let outcome = Slot<Result<Void, any Error>?>(nil)

  init(_ body: @escaping @Sendable () throws -> Void) throws {
    let outcome = outcome
    let work = Slot<() -> Void> { outcome.value = Result { try body() } }
    let code = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<Slot<() -> Void>>.fromOpaque(context!).takeRetainedValue().value()
        return nil
      }, Unmanaged.passRetained(work).toOpaque())
    try #require(code == 0)
  }

  func join() throws {
    pthread_join(thread, nil)
    try outcome.value?.get()
  }
}
