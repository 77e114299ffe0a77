import EventLoop
import Testing

/// A stream that is always ready leaves the loop to others, too.
@Suite struct FairnessTests {
  enum Step: CaseIterable {
    case read, readLine, write

    func take(_ connection: Connection) async throws {
      switch self {
      case .read: #expect(try await connection.read(upTo: 1).count == 1)
      case .readLine: #expect(try await connection.readLine(limit: 1) == [])
      case .write: try await connection.write([0x0A])
      }
    }
  }

  @Test(arguments: Step.allCases) func `what is due comes, and a limit passes, while nothing has to wait`(
    _ step: Step
  ) throws {
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let gate = Gate(loop)
      let serving = Serving(body: { connection in
        try await connection.write([UInt8](repeating: 0x0A, count: 10_000))
        await gate.pass()
      })
      let listener = try await loop.listen(on: .loopback(), serving)
      let connection = try await loop.connect(to: listener.address)
      // From here on nothing has to wait: the bytes are there, and there is room for those that are written.
      _ = try await connection.read(upTo: 1)
      let isCalled = Slot(false)
      loop.callLater(.zero) { isCalled.value = true }
      var steps = 0
      while !isCalled.value, steps < 1_000 {
        try await step.take(connection)
        steps += 1
      }
      #expect(isCalled.value)
      let limited = Slot(0)
      await #expect(throws: EventLoopError.timedOut(limit: .zero)) {
        try await loop.withTimeout(.zero) {
          while limited.value < 1_000 {
            try await step.take(connection)
            limited.value += 1
          }
        }
      }
      #expect(limited.value < 1_000)
      await gate.open()
      connection.close()
      await listener.closeAll()
    }
  }
}
