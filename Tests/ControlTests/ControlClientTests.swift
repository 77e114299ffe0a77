import Control
import EventLoop
import Glibc
import Testing

/// What the client makes of daemons that are not there, or not themselves.
struct ControlClientTests {
  /// A server that writes these bytes when it is asked, and ends, or waits for ever.
  private struct Parrot: ServerProtocol {
    let answer: String
    let ends: Bool

    func serve(_ connection: Connection) async throws {
      _ = try await connection.readLine(limit: 1 << 20)
      try await connection.write(answer)
      if !ends { _ = try await connection.read(upTo: 1) }
    }
  }

  /// What asking such a server throws.
  private func error(from answer: String, ends: Bool = true) throws -> ControlError? {
    let directory = try TemporaryDirectory()
    return try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let path = directory.file("s")
      let listener = try await loop.listen(on: .unix(path: path), Parrot(answer: answer, ends: ends))
      let error = await #expect(throws: ControlError.self) {
        try await ControlClient.connect(to: path, on: loop) {
          try await $0.call(TaskShow.self, TaskShow.Parameters(task: "a"))
        }
      }
      await listener.closeAll()
      return error
    }
  }

  /// What connecting to the path throws.
  private func error(at path: String) throws -> ControlError? {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      return await #expect(throws: ControlError.self) {
        try await ControlClient.connect(to: path, on: loop) { _ in }
      }
    }
  }

  @Test func nobodyIsThere() throws {
    let directory = try TemporaryDirectory()
    let missing = try error(at: directory.file("s"))
    #expect(missing?.exitCode == 3)
    #expect(missing?.message.hasPrefix("no daemon can be reached: there is no socket ") == true)
    let file = try LockFile(directory.file("file"))
    #expect(try error(at: directory.file("file"))?.exitCode == 3)
    #expect(try error(at: directory.file("file/s"))?.exitCode == 3)
    #expect(try error(at: "")?.exitCode == 2)
    #expect(try error(at: String(repeating: "x", count: 200))?.exitCode == 2)
    withExtendedLifetime(file) {}
  }

  @Test func itBreaksOff() throws {
    #expect(try error(from: "")?.code == .unreachable)
    #expect(try error(from: #"{"jsonrpc":"2.0","id":99,"result":{}}"# + "\n")?.code == .unreachable)
  }

  @Test func itSpeaksSomethingElse() throws {
    #expect(try error(from: "HTTP/1.1 400 Bad Request\r\n")?.message.contains("control protocol") == true)
    #expect(try error(from: #"{"jsonrpc":"2.0","id":1,"result":{}}"# + "\n")?.message.contains("another form") == true)
    #expect(try error(from: #"{"jsonrpc":"2.0","id":1}"# + "\n")?.code == .failed)
  }

  @Test func itSaysNothingInTime() throws {
    let silent = try error(from: "", ends: false)
    #expect(silent?.code == .timedOut && silent?.exitCode == 6)
  }

  @Test func anErrorWithoutIdIsForTheRequest() throws {
    let refused = try error(
      from: #"{"jsonrpc":"2.0","id":null,"error":{"code":-32010,"message":"too many"}}"# + "\n", ends: false)
    #expect(refused == ControlError(.limit, "too many"))
  }

  @Test func questionsOneAfterAnother() throws {
    try Scene.run(
      handlers: { table in
        table.register(TaskShow.self) { parameters, _ in
          TaskShow.Result(task: someTask(1, parameters.task + String(repeating: "x", count: 100_000)))
        }
        table.register(TaskWait.self) { _, _ in
          // Longer than the client's patience with a request that is no long poll.
          try await EventLoop.current?.sleep(for: .seconds(55))
          return TaskWait.Result(task: someTask(), reached: true)
        }
      },
      { scene in
        try await ControlClient.connect(to: scene.path, on: scene.loop) { client in
          #expect(client.peer == ControlPeer(user: geteuid(), process: getpid()))
          for name in ["a", "b", "c"] {
            let task = try await client.call(TaskShow.self, TaskShow.Parameters(task: name)).task
            #expect(task.name.hasPrefix(name) && task.name.utf8.count == 100_001)
          }
          let wait = TaskWait.Parameters(task: "a", timeoutMilliseconds: 60_000)
          #expect(try await client.call(TaskWait.self, wait).reached)
        }
      })
  }

  @Test func aRequestThatIsTooLongIsNotSent() throws {
    try Scene.run { scene in
      let name = String(repeating: "n", count: 1 << 20)
      let error = await #expect(throws: ControlError.self) {
        try await scene.call(TaskShow.self, TaskShow.Parameters(task: name))
      }
      #expect(error?.code == .limit && error?.message.contains("1048576 are possible") == true)
    }
  }

  @Test func theEndOfTheDaemonIsSeen() throws {
    try Scene.run { scene in
      try await ControlClient.connect(to: scene.path, on: scene.loop) { client in
        let loop = scene.loop
        loop.callLater(.seconds(3)) { loop.startTask(name: "end") { await scene.listener.closeAll() } }
        await client.waitForEnd()
        #expect(loop.now >= EventLoop.Instant(nanoseconds: 3_000_000_000))
      }
    }
  }

  @Test func exitCodes() {
    let codes: [(ControlError.Code, Int32)] = [
      (.invalidParameters, 2), (.unreachable, 3), (.notFound, 4), (.refused, 5), (.timedOut, 6), (.permission, 7),
      (.failed, 1), (.internalError, 1), (.limit, 1), (.unknownMethod, 1), (.init(rawValue: 12345), 1),
    ]
    for (code, expected) in codes { #expect(ControlError(code, "").exitCode == expected) }
  }
}
