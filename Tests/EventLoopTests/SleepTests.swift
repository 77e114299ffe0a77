import EventLoop
import Testing

@Suite struct SleepTests {
  @Test func `sleepers wake at their deadlines`() throws {
    let trace = Trace()
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for seconds in [3, 1, 2] {
          group.addTask {
            try await loop.sleep(for: .seconds(seconds))
            trace.note("\(seconds) at \(loop.now.nanoseconds / 1_000_000_000)")
          }
        }
        try await group.waitForAll()
      }
    }
    #expect(trace.lines == ["1 at 1", "2 at 2", "3 at 3"])
  }

  @Test func `a cancelled sleeper wakes at once`() throws {
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let sleeper = loop.startTask(name: "sleeper") { try await loop.sleep(for: .seconds(100)) }
      try await nextRounds()
      sleeper.cancel()
      await #expect(throws: CancellationError.self) { try await sleeper.value }
      #expect(loop.now.nanoseconds == 0)
    }
  }

  @Test func `a coroutine that is cancelled before it sleeps does not sleep`() throws {
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let sleeper = loop.startTask(name: "sleeper") { try await loop.sleep(for: .seconds(100)) }
      sleeper.cancel()
      await #expect(throws: CancellationError.self) { try await sleeper.value }
      #expect(loop.now.nanoseconds == 0)
    }
  }

  @Test func `an immediate child, which begins in its parent's job, is cancelled by itself`() throws {
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let began = loop.now
      await #expect(throws: CancellationError.self) {
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addImmediateTask { try await sleepLong(loop) }
          group.cancelAll()
          try await group.next()
        }
      }
      await #expect(throws: CancellationError.self) {
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addImmediateTask { try await sleepLong(loop) }
          try await loop.sleep(for: .milliseconds(50))
          group.cancelAll()
          try await group.next()
        }
      }
      #expect(loop.now - began < .seconds(1))
    }
  }

  @Test func `a parent is cancelled although an immediate child has waited in its job`() throws {
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let began = loop.now
      let parent = loop.startTask(name: "parent") {
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addImmediateTask { try await loop.sleep(for: .milliseconds(10)) }
          try await loop.sleep(for: .seconds(3_600))
        }
      }
      loop.callLater(.milliseconds(100)) { parent.cancel() }
      await #expect(throws: CancellationError.self) { try await parent.value }
      #expect(loop.now - began < .seconds(1))
    }
  }

  @Test func `a time limit that passes cancels the body and says so`() throws {
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      await #expect(throws: EventLoopError.timedOut(limit: .seconds(5))) {
        try await loop.withTimeout(.seconds(5)) { try await loop.sleep(for: .seconds(60)) }
      }
      #expect(loop.now.nanoseconds == 5_000_000_000)
      #expect(!Task.isCancelled)
    }
  }

  @Test func `a body within its time limit returns its value or its error`() throws {
    struct Broken: Error {}
    final class Plain { var number = 7 }
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let plain = try await loop.withTimeout(.seconds(5)) {
        try await loop.sleep(for: .seconds(1))
        return Plain()
      }
      #expect(plain.number == 7)
      await #expect(throws: Broken.self) { try await loop.withTimeout(.seconds(5)) { throw Broken() } }
      #expect(loop.now.nanoseconds == 1_000_000_000)
      try await loop.sleep(for: .seconds(60))
    }
  }

  @Test func `of two nested limits the shorter one ends the body`() throws {
    let trace = Trace()
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      await #expect(throws: EventLoopError.timedOut(limit: .seconds(1))) {
        try await loop.withTimeout(.seconds(1)) {
          do {
            try await loop.withTimeout(.seconds(9)) { try await loop.sleep(for: .seconds(60)) }
          } catch is CancellationError {
            trace.note("inner body cancelled at \(loop.now.nanoseconds / 1_000_000_000)")
            throw CancellationError()
          }
        }
      }
    }
    #expect(trace.lines == ["inner body cancelled at 1"])
  }

  @Test func `a limit of zero cancels a body that waits`() throws {
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      await #expect(throws: EventLoopError.timedOut(limit: .zero)) {
        try await loop.withTimeout(.zero) { try await loop.sleep(for: .seconds(1)) }
      }
      #expect(loop.now.nanoseconds == 0)
    }
  }

  @Test func `cancelling from outside is a cancellation, not a time-out`() throws {
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let task = loop.startTask(name: "limited") {
        try await loop.withTimeout(.seconds(9)) { try await loop.sleep(for: .seconds(60)) }
      }
      try await nextRounds(3)
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }
}

private func sleepLong(_ loop: EventLoop) async throws {
  try await loop.sleep(for: .seconds(3_600))
}
