import EventLoop
import Glibc
import Testing

@Suite struct LifeCycleTests {
  @Test func `the current loop is known inside a run only`() throws {
    #expect(EventLoop.current == nil)
    let loop = try EventLoop()
    let isSame = try loop.runUntilComplete { EventLoop.current === loop && loop.isCurrent }
    #expect(isSame)
    #expect(EventLoop.current == nil)
    #expect(!loop.isCurrent)
    try loop.close()
  }

  @Test func `a loop runs many times, and coroutines continue in the next run`() throws {
    let loop = try EventLoop(clock: .virtual)
    let trace = Trace()
    let slow = try loop.runUntilComplete {
      loop.startTask(name: "slow") {
        trace.note("begun")
        try await loop.sleep(for: .seconds(5))
        trace.note("ended")
      }
    }
    trace.note("between")
    try loop.runUntilComplete { try await slow.value }
    #expect(trace.lines == ["begun", "between", "ended"])
    try loop.close()
  }

  @Test func `main's result and error are the run's`() throws {
    struct Broken: Error {}
    let loop = try EventLoop()
    #expect(try loop.runUntilComplete { "result" } == "result")
    #expect(throws: Broken.self) { try loop.runUntilComplete { throw Broken() } }
    try loop.close()
  }

  @Test func `a nested run is refused with a sentence`() throws {
    let loop = try EventLoop()
    let other = try EventLoop()
    try loop.runUntilComplete {
      #expect(throws: EventLoopError.alreadyRunning) { try loop.runUntilComplete {} }
      #expect(throws: EventLoopError.alreadyRunning) { try other.runUntilComplete {} }
      #expect(throws: EventLoopError.alreadyRunning) { try loop.close() }
    }
    #expect(EventLoopError.alreadyRunning.description.contains("already running"))
    try loop.close()
    try other.close()
  }

  @Test func `a run on a second thread is refused`() throws {
    let loop = try EventLoop()
    try loop.runUntilComplete {
      await #expect(throws: EventLoopError.alreadyRunning) {
        try await loop.runInThread { try loop.runUntilComplete {} }
      }
    }
    try loop.close()
  }

  /// In a process of its own: the loser's coroutine must not run on the winner's thread, where it would trap.
  @Test func `of two threads that run a loop at once, one is refused and its coroutine never begins`() async {
    await #expect(processExitsWith: .success) {
      for _ in 0..<300 {
        let loop = try EventLoop()
        let go = Latch()
        let begun = Slot([0, 0])
        let refused = Slot([0, 0])
        let threads = try (0..<2).map { number in
          try OwnThread {
            go.wait()
            do {
              try loop.runUntilComplete { begun.value[number] += 1 }
            } catch EventLoopError.alreadyRunning { refused.value[number] += 1 }
          }
        }
        while go.waitingCount < 2 { sched_yield() }
        go.open()
        for thread in threads { try thread.join() }
        let sums = zip(begun.value, refused.value).map { $0 + $1 }
        demand(sums == [1, 1], "begun \(begun.value), refused \(refused.value)")
        try loop.close()
      }
    }
  }

  @Test func `stop ends the run, and main goes on in the next one`() throws {
    let loop = try EventLoop()
    let trace = Trace()
    let gate = Gate(loop)
    #expect(throws: EventLoopError.stopped) {
      try loop.runUntilComplete {
        loop.callSoon { loop.stop() }
        await gate.pass()
        trace.note("went on")
      }
    }
    #expect(trace.lines.isEmpty)
    try loop.runUntilComplete {
      await gate.open()
      try await nextRounds()
    }
    #expect(trace.lines == ["went on"])
    try loop.close()
  }

  @Test func `stop from another thread wakes a loop that sleeps`() throws {
    let loop = try EventLoop()
    let gate = Gate(loop)
    #expect(throws: EventLoopError.stopped) {
      try loop.runUntilComplete {
        let helper = loop.startTask(name: "helper") { try await loop.runInThread { loop.stop() } }
        await gate.pass()
        try await helper.value
      }
    }
    try loop.runUntilComplete {
      await gate.open()
      while loop.taskCount > 1 { try await nextRounds() }
    }
    try loop.close()
  }

  @Test func `a closed loop has given its descriptors back, even when a handle of it is kept`() throws {
    try withOwnDescriptors {
      let before = try openDescriptorCount()
      let handles = try (0..<10).map { _ in
        try EventLoop.run { () -> Coroutine<Void> in
          let coroutine = try #require(EventLoop.current).startTask(name: "over") {}
          try await coroutine.value
          return coroutine
        }
      }
      #expect(try openDescriptorCount() == before)
      for handle in handles { handle.cancel() }
    }
  }

  @Test func `a stop during the clean-up of run cuts neither it nor main's result short`() throws {
    let trace = Trace()
    let result = try EventLoop.run { () -> String in
      let loop = try #require(EventLoop.current)
      loop.startTask(name: "left behind") {
        while !Task.isCancelled { try? await nextRounds() }
        loop.stop()
        for _ in 0..<3 { await Task.yield() }
        loop.stop()
        try? await loop.startTask(name: "last words") { trace.note("said") }.value
      }
      try await nextRounds()
      return "result"
    }
    #expect(result == "result")
    #expect(trace.lines == ["said"])
  }

  @Test func `what starts during the clean-up of run is cancelled too`() throws {
    let trace = Trace()
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      loop.startTask(name: "first") {
        do { try await loop.sleep(for: .seconds(9)) } catch {
          loop.startTask(name: "second") {
            do { try await loop.sleep(for: .seconds(3_600)) } catch { trace.note("cancelled at \(loop.now)") }
          }
        }
      }
      try await nextRounds()
    }
    #expect(trace.lines == ["cancelled at 0.0 seconds"])
  }

  @Test func `what another thread has handed over before main ends is called`() throws {
    let trace = Trace()
    let posted = Latch()
    let go = Latch()
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      loop.startTask(name: "thread") {
        try await loop.runInThread {
          go.wait()
          loop.callSoonThreadSafe { trace.note("called") }
          posted.wait()
        }
      }
      while !go.isAwaited { try await nextRounds() }
      go.open()
      // The loop's thread is held: it collects nothing until main has ended.
      while !posted.isAwaited { sched_yield() }
      posted.open()
    }
    #expect(trace.lines == ["called"])
  }

  @Test func `a handle may be cancelled when its loop is closed, from any thread`() throws {
    let handle = try EventLoop.run { () -> Coroutine<Int> in
      let loop = try #require(EventLoop.current)
      let coroutine = loop.startTask(name: "over") { 7 }
      _ = try await coroutine.value
      return coroutine
    }
    handle.cancel()
    #expect(handle.isCancelled)
    try EventLoop.run { try await #require(EventLoop.current).runInThread { handle.cancel() } }
  }

  @Test func `close names the coroutines that are alive and leaves the loop usable`() throws {
    let loop = try EventLoop()
    let gate = Gate(loop)
    try loop.runUntilComplete {
      loop.startTask(name: "parked") { await gate.pass() }
      try await nextRounds()
    }
    #expect(throws: EventLoopError.tasksAlive(["parked"])) { try loop.close() }
    try loop.runUntilComplete {
      await gate.open()
      try await nextRounds()
    }
    try loop.close()
  }

  @Test func `after close there is a sentence, and closing again is harmless`() throws {
    let loop = try EventLoop()
    try loop.close()
    try loop.close()
    #expect(throws: EventLoopError.closed) { try loop.runUntilComplete {} }
    #expect(throws: EventLoopError.closed) { _ = try loop.signals(SIGUSR1) }
    #expect(throws: EventLoopError.closed) { _ = try loop.watch(0, for: .readable) { _ in } }
    let trace = Trace()
    loop.callSoonThreadSafe { trace.note("called") }
    loop.stop()
    #expect(trace.lines.isEmpty)
    #expect(EventLoopError.closed.description == "the event loop is closed")
  }

  @Test func `close frees what timers, watches, hooks and calls hold`() throws {
    let trace = Trace()
    let pipe = try Pipe()
    defer { pipe.closeBoth() }
    let loop = try EventLoop()
    func register(_ name: String, _ body: (@escaping () -> Void) -> Void) {
      let canary = Canary(name, trace)
      body { withExtendedLifetime(canary) {} }
    }
    register("timer") { loop.callLater(.seconds(9), $0) }
    register("hook") { _ = loop.beforeSleep($0) }
    register("call") { loop.callSoon($0) }
    var watch: Watch?
    let canary = Slot<Canary?>(Canary("watch", trace))
    watch = try loop.watch(pipe.reading, for: .readable) { [canary = canary.value] _ in
      withExtendedLifetime(canary) {}
    }
    canary.value = nil
    try loop.close()
    #expect(trace.lines.sorted() == ["freed call", "freed hook", "freed timer", "freed watch"])
    #expect(watch?.isCancelled == true)
  }

  @Test func `what is kept of a loop that was dropped is silent`() throws {
    let trace = Trace()
    let pipe = try Pipe()
    defer { pipe.closeBoth() }
    var loop: EventLoop? = try EventLoop()
    weak let gone = loop
    func holding(_ name: String) -> () -> Void {
      let canary = Canary(name, trace)
      return { withExtendedLifetime(canary) {} }
    }
    let watching = holding("watch")
    let watch = try loop?.watch(pipe.reading, for: .readable) { _ in watching() }
    let hook = loop?.beforeSleep(holding("hook"))
    let call = loop?.callLater(.seconds(9), holding("timer"))
    loop = nil
    #expect(gone == nil)
    #expect(watch?.isCancelled == true)
    #expect(call?.isPending == false)
    #expect(trace.lines.contains("freed hook") && trace.lines.contains("freed timer"))
    try watch?.modify(.writable)
    watch?.cancel()
    hook?.cancel()
    call?.cancel()
  }

  @Test func `a loop that was dropped with a pool of threads is freed`() throws {
    weak var forgotten: EventLoop?
    try { () throws in
      let loop = try EventLoop()
      forgotten = loop
      _ = try loop.runUntilComplete { try await loop.runInThread { 1 } }
    }()
    #expect(forgotten == nil)
  }

  @Test func `a loop leaves no descriptor and no memory cycle behind`() throws {
    try withOwnDescriptors {
      let before = try openDescriptorCount()
      weak var forgotten: EventLoop?
      try { () throws in
        let loop = try EventLoop()
        forgotten = loop
        try loop.runUntilComplete {
          try await loop.sleep(for: .zero)
          _ = try await loop.runInThread { 1 }
        }
        try loop.close()
      }()
      #expect(forgotten == nil)
      #expect(try openDescriptorCount() == before)
    }
  }

  @Test func `statistics count ticks, jobs and slow ticks`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      loop.resetStatistics(slowTickLimit: .zero)
      try await nextRounds(10)
      let statistics = loop.statistics
      #expect(statistics.ticks >= 10)
      #expect(statistics.jobs >= 10)
      #expect(statistics.slowTicks == statistics.ticks)
      #expect(statistics.longestTick > .zero)
      #expect(statistics.busy >= statistics.longestTick)
      loop.resetStatistics(slowTickLimit: .seconds(3600))
      #expect(loop.statistics == LoopStatistics())
    }
  }

  @Test func `with a virtual clock a run that nothing can wake is an error, not a hang`() throws {
    let loop = try EventLoop(clock: .virtual)
    let gate = Gate(loop)
    #expect(throws: EventLoopError.deadlocked(["main"])) {
      try loop.runUntilComplete { await gate.pass() }
    }
    try loop.runUntilComplete {
      await gate.open()
      try await nextRounds(2)
    }
    try loop.close()
  }
}
