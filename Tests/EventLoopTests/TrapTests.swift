import EventLoop
import Glibc
import Testing

/// Rules whose breach ends the program. Each is broken in a process of its own, which has to say the sentence.
@Suite struct TrapTests {
  private func expectSentence(_ sentence: String, _ result: ExitTest.Result?) {
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(errors.contains(sentence), "\(errors)")
  }

  @Test func `what belongs to the loop's thread is refused on another`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let loop = try EventLoop()
      try loop.runUntilComplete { try await loop.runInThread { loop.callSoon {} } }
    }
    expectSentence(
      "callSoon was called from another thread than the event loop's: use callSoonThreadSafe", result)
  }

  @Test func `a coroutine of nobody's cannot wait on a loop`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let loop = try EventLoop()
      try await loop.sleep(for: .zero)
    }
    expectSentence("a coroutine waits on an event loop that does not run it", result)
  }

  @Test func `a closed loop starts nothing`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let loop = try EventLoop()
      try loop.close()
      loop.startTask(name: "late") {}
    }
    expectSentence("startTask on a closed event loop", result)
  }

  @Test func `two coroutines that read one connection are a mistake`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try EventLoop.run {
        guard let loop = EventLoop.current else { return }
        let listener = try await loop.listen(on: .loopback(), Echo())
        let connection = try await loop.connect(to: listener.address)
        for _ in 0..<2 { loop.startTask(name: "reader") { try await connection.read(upTo: 1) } }
        try await loop.sleep(for: .seconds(60))
      }
    }
    expectSentence("two coroutines read one connection at the same time", result)
  }

  @Test func `two coroutines that write one connection are a mistake`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try EventLoop.run {
        guard let loop = EventLoop.current else { return }
        let listener = try await loop.listen(
          on: .loopback(), Serving(body: { _ in try await EventLoop.current?.sleep(for: .seconds(60)) }))
        let connection = try await loop.connect(to: listener.address)
        for _ in 0..<2 {
          loop.startTask(name: "writer") { try await connection.write([UInt8](repeating: 0, count: 32 << 20)) }
        }
        try await loop.sleep(for: .seconds(60))
      }
    }
    expectSentence("two coroutines write one connection at the same time", result)
  }

  @Test func `a second reader is a mistake even when the first is about to go on`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try EventLoop.run {
        guard let loop = EventLoop.current else { return }
        let gate = Gate(loop)
        let serving = Serving(body: { connection in
          await gate.pass()
          // The kernel has the event of the thread's call before that of the bytes, and so the thief's turn comes before the
          // reader's.
          try OwnThread { thief.value?.resume() }.join()
          try await connection.write("hello")
          try await EventLoop.current?.sleep(for: .seconds(60))
        })
        let listener = try await loop.listen(on: .loopback(), serving)
        let connection = try await loop.connect(to: listener.address)
        loop.startTask(name: "reader") { try await connection.read(upTo: 1) }
        loop.startTask(name: "thief") {
          await withCheckedContinuation { thief.value = $0 }
          _ = try await connection.read(upTo: 1)
          exit(0)
        }
        while thief.value == nil { try await nextRounds() }
        try await nextRounds(2)
        await gate.open()
        try await loop.sleep(for: .seconds(60))
      }
    }
    expectSentence("two coroutines read one connection at the same time", result)
  }

  @Test func `a pool of no thread is refused`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ThreadPool(name: "empty", size: 0, loop: try EventLoop())
    }
    expectSentence("a thread pool needs at least one thread", result)
  }
}

/// Of the exit test's process: the coroutine that reads what another waits for.
private let thief = Slot<CheckedContinuation<Void, Never>?>(nil)
