import CLinux
import EventLoop
import Glibc
import Testing

/// Holds the thread until the coarse clock has moved on, so that any limit below its step is exceeded.
private func holdTheLoop() {
  let start = clinux_monotonic_coarse()
  while clinux_monotonic_coarse() == start {}
}

@Suite struct SlowCallTests {
  /// The names that are reported when `body` runs with a limit that a step of the coarse clock exceeds.
  private func reports(_ body: @escaping @Sendable (EventLoop) async throws -> Void) throws -> [String] {
    try EventLoop.run { () -> [String] in
      let loop = try #require(EventLoop.current)
      let names = Slot<[String]>([])
      loop.reportSlowCalls(over: .nanoseconds(1)) { names.value.append($0.name) }
      try await body(loop)
      try await nextRounds()
      loop.reportSlowCalls(over: .zero, nil)
      return names.value
    }
  }

  @Test func `a callback that holds the loop is reported by its kind and the place of its registration`() throws {
    let pipe = try Pipe()
    defer { pipe.closeBoth() }
    let line = UInt(#line)
    let names = try reports { loop in
      loop.callSoon { holdTheLoop() }
      loop.callLater(.zero) { holdTheLoop() }
      let watch = Slot<Watch?>(nil)
      watch.value = try loop.watch(pipe.reading, for: .readable) { _ in
        holdTheLoop()
        watch.value?.cancel()
      }
      pipe.put()
      try await nextRounds(3)
      let hook = Slot<HookToken?>(nil)
      hook.value = loop.beforeSleep {
        holdTheLoop()
        hook.value?.cancel()
      }
      try await nextRounds(2)
    }
    let place = "EventLoopTests/SlowCallTests.swift:"
    // Whatever else the machine's scheduler has held up in between is no matter of this test.
    for expected in [
      "the call of \(place)\(line + 2)", "the delayed call of \(place)\(line + 3)", "the watch of \(place)\(line + 5)",
      "the before-sleep hook of \(place)\(line + 12)",
    ] {
      #expect(names.contains(expected), "\(names)")
    }
  }

  @Test func `a coroutine that holds the loop is reported by its name, whether it goes on or ends`() throws {
    let names = try reports { loop in
      let goesOn = loop.startTask(name: "goes on") {
        holdTheLoop()
        try await nextRounds()
      }
      let ends = loop.startTask(name: "ends") { holdTheLoop() }
      try await goesOn.value
      try await ends.value
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await loop.named("child") { try await holdAndWait() } }
        try await group.waitForAll()
      }
      try await loop.startTask(name: "limited") {
        try await loop.withTimeout(.seconds(60)) { try await holdAndWait() }
      }.value
    }
    for name in ["goes on", "ends", "child", "limited"] {
      #expect(names.contains("coroutine “\(name)”"), "\(names)")
    }
  }

  @Test func `what a call frees is its own time, not that of the next`() throws {
    final class Heavy: @unchecked Sendable {
      deinit { holdTheLoop() }
    }
    let line = UInt(#line)
    let names = try reports { loop in
      var heavy: Heavy? = Heavy()
      loop.callSoon { [heavy] in withExtendedLifetime(heavy) {} }
      heavy = nil
      try await nextRounds(2)
    }
    #expect(names.contains("the call of EventLoopTests/SlowCallTests.swift:\(line + 3)"), "\(names)")
  }

  @Test func `slow calls are counted, quick ones are not reported`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let reports = Slot<[SlowCall]>([])
      loop.reportSlowCalls(over: .seconds(3_600)) { reports.value.append($0) }
      loop.callSoon { holdTheLoop() }
      try await nextRounds(2)
      #expect(reports.value.isEmpty)
      #expect(loop.statistics.slowCalls == 0)
      loop.reportSlowCalls(over: .nanoseconds(1)) { reports.value.append($0) }
      loop.callSoon { holdTheLoop() }
      try await nextRounds(2)
      #expect(!reports.value.isEmpty)
      #expect(loop.statistics.slowCalls == reports.value.count)
      let first = try #require(reports.value.first)
      #expect(first.duration > .zero)
      #expect(first.description == "\(first.name) held the event loop for \(first.duration)")
      loop.reportSlowCalls(over: .zero, nil)
      let count = reports.value.count
      loop.callSoon { holdTheLoop() }
      try await nextRounds(2)
      #expect(reports.value.count == count)
    }
  }

  @Test func `the longest tick of late is told, and starts again with the statistics`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      loop.callSoon { holdTheLoop() }
      try await nextRounds(2)
      let statistics = loop.statistics
      #expect(statistics.recentLongestTick > .zero)
      #expect(statistics.recentLongestTick <= statistics.longestTick)
      loop.resetStatistics()
      #expect(loop.statistics.recentLongestTick == .zero)
    }
  }
}

private func holdAndWait() async throws {
  holdTheLoop()
  try await nextRounds()
}
