import EventLoop
import Glibc
import Testing

actor Counter: LoopActor {
  nonisolated let loop: EventLoop
  private(set) var count = 0

  init(_ loop: EventLoop) { self.loop = loop }

  func increment() -> Int {
    count += 1
    return count
  }

  func parkAndResume() async {
    let loop = loop
    await withCheckedContinuation { continuation in loop.callSoon { continuation.resume() } }
  }
}

private actor Sleeper: LoopActor {
  nonisolated let loop: EventLoop

  init(_ loop: EventLoop) { self.loop = loop }

  func sleep(times: Int) async throws {
    for _ in 0..<times { try await loop.sleep(for: .zero) }
  }
}

@Suite struct IsolationTests {
  @Test func `no way of awaiting leaves the loop's thread`() throws {
    let thread = pthread_self()
    @Sendable func check(_ place: String) { #expect(pthread_self() == thread, "\(place)") }
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let counter = Counter(loop)
      let handedOver = loop.statistics.foreignCalls
      check("main")
      for _ in 0..<100 {
        await Task.yield()
        check("yield")
        _ = await counter.increment()
        check("actor")
        await counter.parkAndResume()
        check("continuation")
        try await loop.startTask(name: "task") { check("task") }.value
        check("task value")
        async let child: Void = { check("async let") }()
        await child
        await withTaskGroup(of: Int.self) { group in
          for number in 0..<3 {
            group.addTask {
              check("child")
              await Task.yield()
              check("child after yield")
              return number
            }
          }
          for await _ in group { check("group") }
        }
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        loop.callSoon {
          continuation.yield(1)
          continuation.finish()
        }
        for await _ in stream { check("stream") }
        try await loop.sleep(for: .zero)
        check("sleep")
        try await loop.withTimeout(.seconds(9)) { check("limit") }
        check("after limit")
      }
      #expect(await counter.count == 100)
      #expect(loop.statistics.foreignCalls == handedOver)
    }
  }

  @Test func `a call between actors of one loop costs no enqueue, parking and resuming one`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let counter = Counter(loop)
      try await nextRounds()
      var before = loop.statistics.jobs
      for _ in 0..<1_000 { _ = await counter.increment() }
      // The figure is brought up to date after each batch of jobs.
      try await nextRounds()
      #expect(loop.statistics.jobs - before < 10)
      before = loop.statistics.jobs
      for _ in 0..<1_000 { await counter.parkAndResume() }
      try await nextRounds()
      #expect(loop.statistics.jobs - before < 2_200)
      before = loop.statistics.jobs
      for _ in 0..<1_000 { try await loop.sleep(for: .zero) }
      #expect(loop.statistics.jobs - before < 2_200)
    }
  }

  @Test func `a wait outside of all actors costs no more jobs than one within, and stays on the thread`() throws {
    let thread = pthread_self()
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      try await nextRounds()
      let before = loop.statistics.jobs
      // The capture list puts the coroutine's body outside of its actor.
      try await loop.startTask(name: "outside") { [loop] in
        #expect(await hasActor() == false)
        for _ in 0..<1_000 { try await loop.sleep(for: .zero) }
        #expect(pthread_self() == thread)
      }.value
      #expect(loop.statistics.jobs - before < 2_200)
    }
  }

  @Test func `waits within actors and outside of them cost the same when they alternate`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let sleeper = Sleeper(loop)
      try await nextRounds()
      let before = loop.statistics.jobs
      let within = loop.startTask(name: "within") { try await sleeper.sleep(times: 100) }
      let outside = loop.startTask(name: "outside") { [loop] in
        for _ in 0..<100 { try await loop.sleep(for: .zero) }
      }
      try await within.value
      try await outside.value
      // Each sleep is a deadline and a job; one that went on in the wrong place would cost a job more.
      #expect(loop.statistics.jobs - before < 450)
    }
  }

  @Test func `a callback of the loop may enter its actors at once`() throws {
    let counts = try EventLoop.run { () -> [Int] in
      let loop = try #require(EventLoop.current)
      let counter = Counter(loop)
      let counts = Slot<[Int]>([])
      loop.callSoon { counter.assumeIsolated { counts.value.append($0.increment()) } }
      loop.callLater(.zero) { counter.assumeIsolated { counts.value.append($0.increment()) } }
      try await nextRounds(2)
      return counts.value
    }
    #expect(counts == [1, 2])
  }

  @Test func `a coroutine begins in an actor of the loop, and nonisolated callees stay there`() throws {
    #expect(try EventLoop.run { await hasActor() })
  }
}

private func hasActor(_ isolation: isolated (any Actor)? = #isolation) async -> Bool { isolation != nil }
