import EventLoop
import Testing

@Suite struct OrderTests {
  @Test func `a coroutine awaits a coroutine on one thread in a known order`() throws {
    let trace = Trace()
    @Sendable func cor2() async { trace.note("cor2") }
    @Sendable func cor1() async {
      trace.note("cor1 start")
      await cor2()
      trace.note("cor1 end")
    }
    try EventLoop.run { await cor1() }
    #expect(trace.lines == ["cor1 start", "cor2", "cor1 end"])
  }

  @Test func `what is ready runs in the order in which it became ready`() throws {
    let trace = Trace()
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      loop.callSoon { trace.note("call 1") }
      let a = loop.startTask(name: "a") { trace.note("coroutine a") }
      loop.callSoon {
        trace.note("call 2")
        loop.callSoon { trace.note("call 4") }
      }
      let b = loop.startTask(name: "b") { trace.note("coroutine b") }
      loop.callSoon { trace.note("call 3") }
      trace.note("main goes on")
      try await a.value
      try await b.value
      try await nextRounds()
    }
    #expect(
      trace.lines == [
        "main goes on", "call 1", "coroutine a", "call 2", "coroutine b", "call 3", "call 4",
      ])
  }

  @Test func `what is registered before a run, and between runs, comes in its order`() throws {
    let trace = Trace()
    let loop = try EventLoop(clock: .virtual)
    for round in 1...2 {
      loop.startTask(name: "a") { trace.note("a\(round)") }
      loop.callSoon { trace.note("b\(round)") }
      loop.callLater(.zero) { trace.note("later\(round)") }
      loop.callSoonThreadSafe { trace.note("c\(round)") }
      loop.startTask(name: "d") { trace.note("d\(round)") }
      loop.callSoon { trace.note("e\(round)") }
      try loop.runUntilComplete {
        trace.note("main\(round)")
        try await nextRounds()
      }
    }
    try loop.close()
    #expect(
      trace.lines == [
        "a1", "b1", "c1", "d1", "e1", "main1", "later1", "a2", "b2", "c2", "d2", "e2", "main2", "later2",
      ])
  }

  @Test func `who is woken between runs comes in its order`() throws {
    let trace = Trace()
    let loop = try EventLoop(clock: .virtual)
    try loop.runUntilComplete {
      loop.startTask(name: "sleeper") {
        try? await loop.sleep(for: .seconds(9))
        trace.note("sleeper")
      }
      try await nextRounds(2)
    }
    loop.startTask(name: "a") { trace.note("a") }
    loop.callSoon { trace.note("b") }
    loop.cancelAllTasks()
    loop.callSoon { trace.note("c") }
    try loop.runUntilComplete { try await nextRounds() }
    try loop.close()
    #expect(trace.lines == ["a", "b", "sleeper", "c"])
  }

  @Test func `coroutines that yield take turns`() throws {
    let trace = Trace()
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let tasks = ["x", "y", "z"].map { name in
        loop.startTask(name: name) {
          for round in 1...3 {
            trace.note("\(name)\(round)")
            await Task.yield()
          }
        }
      }
      for task in tasks { try await task.value }
    }
    #expect(trace.lines == ["x1", "y1", "z1", "x2", "y2", "z2", "x3", "y3", "z3"])
  }

  @Test func `a call that always makes another one ready starves neither sockets nor deadlines`() throws {
    let fired = try EventLoop.run { () -> [Bool] in
      let loop = try #require(EventLoop.current)
      let pipe = try Pipe()
      defer { pipe.closeBoth() }
      let fired = Slot([false, false])
      let goesOn = Slot(true)
      @Sendable func again() { if goesOn.value { loop.callSoon(again) } }
      again()
      let watch = try loop.watch(pipe.reading, for: .readable) { _ in fired.value[0] = true }
      loop.callLater(.nanoseconds(1)) { fired.value[1] = true }
      pipe.put()
      // The busy call is never silent: only a loop that asks the kernel in between gets here.
      while fired.value != [true, true] { await Task.yield() }
      goesOn.value = false
      watch.cancel()
      return fired.value
    }
    #expect(fired == [true, true])
  }

  @Test func `before-sleep hooks run each tick, and what they make ready runs before the loop sleeps`() throws {
    let trace = Trace()
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let token = loop.beforeSleep {
        if trace.lines.count == 1 {
          trace.note("hook")
          loop.callSoon { trace.note("from the hook at \(loop.now.nanoseconds)") }
        }
      }
      trace.note("main")
      try await loop.sleep(for: .seconds(3))
      trace.note("woken at \(loop.now.nanoseconds)")
      token.cancel()
      trace.lines.removeAll { $0 != "hook" && !$0.contains("at") }
      loop.callSoon { trace.note("after cancel") }
      try await nextRounds(2)
    }
    #expect(trace.lines == ["hook", "from the hook at 0", "woken at 3000000000", "after cancel"])
  }

  @Test func `a full ready queue grows and keeps its order`() throws {
    let order = try EventLoop.run { () -> [Int] in
      let loop = try #require(EventLoop.current)
      let order = Slot<[Int]>([])
      // The ring's head is moved first, so that it grows while it is wrapped.
      for _ in 0..<100 { loop.callSoon {} }
      try await nextRounds()
      for number in 0..<5_000 { loop.callSoon { order.value.append(number) } }
      try await nextRounds()
      return order.value
    }
    #expect(order == Array(0..<5_000))
  }
}
