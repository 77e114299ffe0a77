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

  @Test func `a pool of no thread is refused`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ThreadPool(name: "empty", size: 0, loop: try EventLoop())
    }
    expectSentence("a thread pool needs at least one thread", result)
  }
}
