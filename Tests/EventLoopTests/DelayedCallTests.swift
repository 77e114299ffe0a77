import EventLoop
import Testing

@Suite struct DelayedCallTests {
  @Test func `calls come by deadline, and equal deadlines in the order of registration`() throws {
    let trace = Trace()
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      loop.callLater(.seconds(2)) { trace.note("2 s, first") }
      loop.callLater(.seconds(1)) { trace.note("1 s") }
      loop.callAt(loop.now + .seconds(2)) { trace.note("2 s, second") }
      loop.callLater(.seconds(-5)) { trace.note("overdue") }
      loop.callSoon { trace.note("soon") }
      try await loop.sleep(for: .seconds(4))
    }
    #expect(trace.lines == ["soon", "overdue", "1 s", "2 s, first", "2 s, second"])
  }

  @Test func `a cancelled call is not made, and what it held is freed at once`() throws {
    let trace = Trace()
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      var canary: Canary? = Canary("canary", trace)
      let call = loop.callLater(.seconds(1)) { [canary] in trace.note("called \(canary == nil)") }
      canary = nil
      #expect(call.isPending)
      call.cancel()
      trace.note("cancelled")
      #expect(!call.isPending)
      call.cancel()
      try await loop.sleep(for: .seconds(2))
    }
    #expect(trace.lines == ["freed canary", "cancelled"])
  }

  @Test func `a call that is due in the same tick can still be cancelled by an earlier one`() throws {
    let trace = Trace()
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let second = Slot<DelayedCall?>(nil)
      loop.callLater(.seconds(1)) {
        trace.note("first")
        second.value?.cancel()
      }
      second.value = loop.callLater(.seconds(1)) { trace.note("second") }
      try await loop.sleep(for: .seconds(2))
      second.value = nil
    }
    #expect(trace.lines == ["first"])
  }

  @Test func `cancelling a call that was made, or from inside itself, is harmless`() throws {
    let count = try EventLoop.run(clock: .virtual) { () -> Int in
      let loop = try #require(EventLoop.current)
      let count = Slot(0)
      let own = Slot<DelayedCall?>(nil)
      own.value = loop.callLater(.seconds(1)) {
        own.value?.cancel()
        count.value += 1
      }
      try await loop.sleep(for: .seconds(2))
      own.value?.cancel()
      own.value = nil
      return count.value
    }
    #expect(count == 1)
  }

  @Test func `a call may schedule and cancel others; due ones wait for the next tick`() throws {
    let trace = Trace()
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      loop.callLater(.seconds(1)) {
        trace.note("outer")
        loop.callLater(.zero) { trace.note("inner") }
        loop.callSoon { trace.note("soon") }
      }
      try await loop.sleep(for: .seconds(2))
    }
    #expect(trace.lines == ["outer", "soon", "inner"])
  }

  @Test func `a thousand calls, a third of them cancelled at random, come in the right order`() throws {
    struct Planned: Hashable {
      let deadline: Int
      let number: Int
    }
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      var seed: UInt64 = 42
      func random(_ bound: UInt64) -> UInt64 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (seed >> 33) % bound
      }
      let made = Slot<[Planned]>([])
      var planned: [Planned] = []
      var calls: [(Planned, DelayedCall)] = []
      for number in 0..<1_000 {
        let plan = Planned(deadline: Int(random(200)), number: number)
        calls.append((plan, loop.callLater(.milliseconds(plan.deadline)) { made.value.append(plan) }))
        if random(2) == 0 {
          let (victim, call) = calls.remove(at: Int(random(UInt64(calls.count))))
          call.cancel()
          planned.removeAll { $0 == victim }
          if victim == plan { continue }
        }
        planned.append(plan)
      }
      try await loop.sleep(for: .seconds(1))
      let expected = planned.sorted { ($0.deadline, $0.number) < ($1.deadline, $1.number) }
      #expect(expected.count > 300)
      #expect(made.value == expected)
    }
  }

  @Test func `of a million calls, those that are cancelled free what they hold at once, the others come in order`()
    throws
  {
    final class Held: @unchecked Sendable {
      static nonisolated(unsafe) var alive = 0
      init() { Self.alive += 1 }
      deinit { Self.alive -= 1 }
    }
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let count = 1_000_000
      var seed: UInt64 = 7
      let made = Slot(0)
      let outOfOrder = Slot(0)
      let last = Slot(EventLoop.Instant(nanoseconds: 0))
      var calls: [DelayedCall] = []
      for _ in 0..<count {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let held = Held()
        calls.append(
          loop.callLater(.nanoseconds(seed >> 34)) {
            made.value += 1
            if loop.now < last.value { outOfOrder.value += 1 }
            last.value = loop.now
            withExtendedLifetime(held) {}
          })
      }
      #expect(Held.alive == count)
      for number in stride(from: 0, to: count, by: 2) { calls[number].cancel() }
      #expect(Held.alive == count / 2)
      try await loop.sleep(for: .seconds(2))
      #expect(made.value == count / 2)
      #expect(outOfOrder.value == 0)
      #expect(Held.alive == 0)
    }
  }

  @Test func `delays beyond the end of time neither trap nor come`() throws {
    let trace = Trace()
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let call = loop.callLater(.seconds(Int64.max)) { trace.note("the end of time") }
      loop.callLater(.seconds(Int64.min)) { trace.note("before the beginning") }
      try await loop.sleep(for: .seconds(1))
      #expect(call.isPending)
      #expect(call.deadline == Instant(nanoseconds: .max))
      call.cancel()
    }
    #expect(trace.lines == ["before the beginning"])
  }
}
