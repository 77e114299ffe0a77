import EventLoop
import Testing

@Suite struct TaskTests {
  @Test func `the task table tells name, start, what is waited for and since when`() throws {
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      try await loop.sleep(for: .seconds(1))
      let gate = Gate(loop)
      let sleeper = loop.startTask(name: "sleeper") { try await loop.sleep(for: .seconds(9)) }
      let waiter = loop.startTask(name: "waiter") {
        await loop.waiting(for: "the gate") { await gate.pass() }
        try await loop.sleep(for: .seconds(1))
      }
      try await loop.sleep(for: .seconds(1))
      let rows = loop.snapshotTasks()
      #expect(rows.map(\.name) == ["main", "sleeper", "waiter"])
      #expect(Set(rows.map(\.id)).count == 3)
      #expect(rows[1].started.nanoseconds == 1_000_000_000)
      #expect(rows[1].waitingFor == "sleep until 10.0 seconds")
      #expect(rows[2].waitingFor == "the gate")
      #expect(rows[2].since.nanoseconds == 1_000_000_000)
      #expect(rows[0].waitingFor == nil)
      #expect(rows.allSatisfy { !$0.isCancelled })
      await gate.open()
      try await nextRounds()
      #expect(loop.snapshotTasks()[2].waitingFor?.hasPrefix("sleep") == true)
      try await waiter.value
      sleeper.cancel()
      #expect(loop.snapshotTasks().map(\.isCancelled) == [false, true])
      await #expect(throws: CancellationError.self) { try await sleeper.value }
      #expect(loop.snapshotTasks().map(\.name) == ["main"])
    }
  }

  @Test func `a coroutine's own account of its wait is asked when somebody looks`() throws {
    final class Account: TaskDetail, @unchecked Sendable {
      var waitingFor: String?
      var waitingSince = EventLoop.Instant(nanoseconds: 7)
    }
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let account = Account()
      let gate = Gate(loop)
      let teller = loop.startTask(name: "teller") { () -> Void in
        EventLoop.currentTask?.detail = account
        await gate.pass()
      }
      try await nextRounds()
      #expect(loop.snapshotTasks().last?.waitingFor == nil)
      account.waitingFor = "the first half"
      #expect(loop.snapshotTasks().last?.waitingFor == "the first half")
      #expect(loop.snapshotTasks().last?.since.nanoseconds == 7)
      account.waitingFor = "the second half"
      #expect(loop.snapshotTasks().last?.waitingFor == "the second half")
      await gate.open()
      try await teller.value
    }
  }

  @Test func `the table is read in pages`() throws {
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      for number in 1...5 { loop.startTask(name: "\(number)") { try await loop.sleep(for: .seconds(1)) } }
      let first = loop.snapshotTasks(limit: 2)
      #expect(first.map(\.name) == ["main", "1"])
      let second = loop.snapshotTasks(after: try #require(first.last).id, limit: 3)
      #expect(second.map(\.name) == ["2", "3", "4"])
      let third = loop.snapshotTasks(after: try #require(second.last).id, limit: 3)
      #expect(third.map(\.name) == ["5"])
    }
  }

  @Test func `a coroutine can rename its row and find it again in its callees`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      #expect(EventLoop.currentTask?.name == "main")
      let names = try await loop.startTask(name: "before") { () -> [String] in
        EventLoop.currentTask?.name = "after"
        try await nextRounds()
        return loop.snapshotTasks().map(\.name)
      }.value
      #expect(names == ["main", "after"])
      loop.callSoon { #expect(EventLoop.currentTask == nil) }
      try await nextRounds()
    }
  }

  @Test func `children of a group get rows of their own with named`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let gate = Gate(loop)
      @Sendable func child(_ number: Int) async -> Int {
        await loop.named("child \(number)") {
          await gate.pass()
          return number
        }
      }
      let sum = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 1...3 { group.addTask { await child(number) } }
        while await gate.waitingCount < 3 { try await nextRounds() }
        #expect(loop.snapshotTasks().map(\.name) == ["main", "child 1", "child 2", "child 3"])
        await gate.open()
        return try await group.reduce(0, +)
      }
      #expect(sum == 6)
      #expect(loop.taskCount == 1)
    }
  }

  /// The runtime hands the record of whoever starts a coroutine on to it, where it is then replaced.
  @Test func `a coroutine has its own row, whoever starts it, and its starter keeps his`() throws {
    let loop = try EventLoop()
    var early: Coroutine<String?>?
    let name: @Sendable () -> String? = { EventLoop.currentTask?.name }
    try loop.runUntilComplete {
      // From a plain call, where no coroutine runs.
      let plain = Slot<Coroutine<String?>?>(nil)
      loop.callSoon { plain.value = loop.startTask(name: "plain") { name() } }
      let child = try await withThrowingTaskGroup(of: [String?].self) { group in
        group.addTask {
          let shared = loop.startTask(name: "of a child") { name() }
          return try await loop.named("named") {
            let before = name()
            let own = loop.startTask(name: "of a named child") { name() }
            return [before, try await own.value, name(), try await shared.value]
          }
        }
        return try await group.next() ?? []
      }
      #expect(child == ["named", "of a named child", "named", "of a child"])
      let nested = loop.startTask(name: "outer") {
        let inner = loop.startTask(name: "inner") { name() }
        return [name(), try await inner.value, name()]
      }
      #expect(try await nested.value == ["outer", "inner", "outer"])
      #expect(try await plain.value?.value == "plain")
      #expect(name() == "main")
    }
    // While the loop does not run.
    early = loop.startTask(name: "early") { name() }
    let found = early
    #expect(try loop.runUntilComplete { try await found?.value } == "early")
    try loop.close()
  }

  @Test func `reasons of children that share a row do not outlive their waiting`() throws {
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      @Sendable func child(_ seconds: Int) async throws {
        try await loop.waiting(for: "reason \(seconds)") { try await loop.sleep(for: .seconds(seconds)) }
      }
      var shown: [String?] = []
      try await withThrowingTaskGroup(of: Void.self) { group in
        for seconds in [1, 2] { group.addTask { try await child(seconds) } }
        try await nextRounds(3)
        shown.append(loop.snapshotTasks()[0].waitingFor)
        try await group.next()
        shown.append(loop.snapshotTasks()[0].waitingFor)
        try await group.next()
        shown.append(loop.snapshotTasks()[0].waitingFor)
      }
      #expect(shown == ["reason 2", "reason 2", nil])
    }
  }

  @Test func `a row waits as long as one of the children that share it does`() throws {
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      var shown: [String?] = []
      try await withThrowingTaskGroup(of: Void.self) { group in
        for seconds in [1, 4, 3, 2] { group.addTask { try await loop.sleep(for: .seconds(seconds)) } }
        try await nextRounds(3)
        shown.append(loop.snapshotTasks()[0].waitingFor)
        for _ in 1...4 {
          try await group.next()
          shown.append(loop.snapshotTasks()[0].waitingFor)
        }
      }
      #expect(
        shown == [
          "sleep until 2.0 seconds", "sleep until 2.0 seconds", "its children, 2 of which wait",
          "its children, 1 of which wait", nil,
        ])
    }
  }

  @Test func `a coroutine is cancelled by its id, even before it has begun`() throws {
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let running = loop.startTask(name: "running") { try await loop.sleep(for: .seconds(9)) }
      try await nextRounds()
      let fresh = loop.startTask(name: "fresh") { try await loop.sleep(for: .seconds(9)) }
      let ids = loop.snapshotTasks().dropFirst().map(\.id)
      #expect(ids.map { loop.cancelTask(id: $0) } == [true, true])
      await #expect(throws: CancellationError.self) { try await running.value }
      await #expect(throws: CancellationError.self) { try await fresh.value }
      #expect(loop.cancelTask(id: ids[0]) == false)
    }
  }

  @Test func `results and errors reach whoever awaits the task, also late`() throws {
    struct Broken: Error {}
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let good = loop.startTask(name: "good") { 42 }
      let bad = loop.startTask(name: "bad") { throw Broken() }
      try await nextRounds(2)
      #expect(try await good.value == 42)
      await #expect(throws: Broken.self) { try await bad.value }
    }
  }

  @Test func `cancelling all spares the coroutine that does it, whatever row it has`() throws {
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let other = loop.startTask(name: "other") { try await loop.sleep(for: .seconds(9)) }
      try await nextRounds()
      await loop.named("inner") { loop.cancelAllTasks() }
      #expect(!Task.isCancelled)
      await #expect(throws: CancellationError.self) { try await other.value }
    }
  }

  @Test func `what main leaves behind is cancelled and awaited by run`() throws {
    let trace = Trace()
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      loop.startTask(name: "left behind") {
        do {
          try await loop.sleep(for: .seconds(99))
        } catch {
          try? await nextRounds(0)
          trace.note("cancelled")
        }
      }
      try await nextRounds()
    }
    #expect(trace.lines == ["cancelled"])
  }
}
