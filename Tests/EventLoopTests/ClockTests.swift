import EventLoop
import Testing

@Suite struct ClockTests {
  @Test func `virtual time starts at zero, stands still while work is ready, and jumps to the next deadline`() throws {
    let times = try EventLoop.run(clock: .virtual) { () -> [Int64] in
      let loop = try #require(EventLoop.current)
      var times = [loop.now.nanoseconds]
      for _ in 0..<200 { await Task.yield() }
      times.append(loop.now.nanoseconds)
      try await loop.sleep(for: .seconds(3600))
      times.append(loop.now.nanoseconds)
      try await loop.sleep(until: Instant(nanoseconds: 5))
      times.append(loop.now.nanoseconds)
      return times
    }
    #expect(times == [0, 0, 3_600_000_000_000, 3_600_000_000_000])
  }

  @Test func `virtual time stands still while a call runs on a thread, and what is due is done meanwhile`() throws {
    let trace = Trace()
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let latch = Latch()
      let calling = loop.startTask(name: "calling") { try await loop.runInThread { latch.wait() } }
      loop.callLater(.seconds(1)) { trace.note("due at \(loop.now)") }
      while !latch.isAwaited { try await nextRounds() }
      try await nextRounds(100)
      trace.note("opened at \(loop.now)")
      latch.open()
      try await calling.value
      try await loop.sleep(for: .seconds(2))
    }
    #expect(trace.lines == ["opened at 0.0 seconds", "due at 1.0 seconds"])
  }

  @Test func `while no run lasts, now is the time of the call, and delays count from there`() throws {
    let loop = try EventLoop()
    let made = loop.now
    let start = Instant.monotonicNow
    while Instant.monotonicNow - start < .milliseconds(1) {}
    #expect(loop.now - made >= .milliseconds(1))
    let before = Instant.monotonicNow
    let call = loop.callLater(.seconds(5)) {}
    #expect(call.deadline >= before + .seconds(5))
    try loop.close()
    let virtual = try EventLoop(clock: .virtual)
    #expect(virtual.callLater(.seconds(5)) {}.deadline == Instant(nanoseconds: 5_000_000_000))
    try virtual.close()
  }

  @Test func `sockets that are ready come before the jump`() throws {
    let trace = Trace()
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let pipe = try Pipe()
      defer { pipe.closeBoth() }
      let watch = try loop.watch(pipe.reading, for: .readable) { _ in
        _ = pipe.take()
        trace.note("byte at \(loop.now.nanoseconds)")
      }
      loop.callLater(.seconds(1)) { trace.note("deadline") }
      pipe.put()
      try await loop.sleep(for: .seconds(1))
      watch.cancel()
    }
    #expect(trace.lines == ["byte at 0", "deadline"])
  }

  @Test func `all of a tick happens at one instant`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let before = loop.now
      var spins = 0
      while spins < 100_000 { spins += 1 }
      #expect(loop.now == before)
      try await nextRounds()
      #expect(loop.now > before)
    }
  }

  @Test func `instants saturate and compare`() {
    let zero = Instant(nanoseconds: 0)
    #expect((zero + .milliseconds(3)).nanoseconds == 3_000_000)
    #expect((zero - .milliseconds(3)).nanoseconds == -3_000_000)
    #expect(zero + .seconds(Int64.max) == Instant(nanoseconds: .max))
    #expect(zero + .seconds(Int64.min) == Instant(nanoseconds: .min))
    #expect(Instant(nanoseconds: .max) + .seconds(1) == Instant(nanoseconds: .max))
    #expect(Instant(nanoseconds: .min) - .seconds(1) == Instant(nanoseconds: .min))
    #expect(Instant(nanoseconds: .max) - Instant(nanoseconds: .min) == .nanoseconds(Int64.max))
    #expect(Instant(nanoseconds: 7) - Instant(nanoseconds: 2) == .nanoseconds(5))
    #expect(Instant(nanoseconds: 2) < Instant(nanoseconds: 7))
  }
}
