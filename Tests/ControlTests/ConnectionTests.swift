import Control
import EventLoop
import Glibc
import Testing

/// What clients do with their connections: pieces of lines, endless lines, long polls, no reading.
struct ConnectionTests {
  static func request(_ id: Int, _ task: String = "a") -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"method":"task.show","params":{"task":"\#(task)"}}"#
  }

  static func poll(_ id: Int, _ task: String = "a") -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"method":"task.wait","params":{"task":"\#(task)"}}"#
  }

  /// `task.show` answers at once; `task.wait` after 20 s.
  static let handlers: @Sendable (inout HandlerTable) -> Void = { table in
    table.register(TaskShow.self) { parameters, _ in TaskShow.Result(task: someTask(1, parameters.task)) }
    table.register(TaskWait.self) { parameters, _ in
      try await EventLoop.current?.sleep(for: .seconds(20))
      return TaskWait.Result(task: someTask(1, parameters.task), reached: true)
    }
  }

  @Test func aLineMayComeInPiecesWithinTenSeconds() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      // No line has begun: a client may be silent for ever.
      try await scene.loop.sleep(for: .seconds(3_600))
      let line = Self.request(1)
      try await connection.write(String(line.prefix(10)))
      try await scene.loop.sleep(for: .seconds(4))
      try await connection.write(String(line.dropFirst(10).prefix(10)))
      try await scene.loop.sleep(for: .seconds(5))
      #expect(try await connection.ask(String(line.dropFirst(20))).contains("result"))
      connection.close()
    }
  }

  @Test func halfALineEndsTheConnection() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      let start = scene.loop.now
      try await connection.write("{\"json")
      // More pieces do not gain time.
      try await scene.loop.sleep(for: .seconds(9))
      try await connection.write("rpc")
      #expect(try await connection.readReply().contains("not finished within 10 s"))
      #expect(try await connection.readReply() == "")
      #expect(scene.loop.now - start == .seconds(10))
      connection.close()
    }
  }

  @Test func aLastLineNeedsNoLineFeed() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      try await connection.write(Self.request(1) + "\n" + Self.request(2))
      try connection.closeWrite()
      #expect(try await connection.readReply().hasPrefix(#"{"id":1,"#))
      #expect(try await connection.readReply().hasPrefix(#"{"id":2,"#))
      #expect(try await connection.readReply() == "")
      connection.close()
    }
  }

  @Test func aLineOfAMebibyteIsRead() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      let room = (1 << 20) - Self.request(1, "").utf8.count
      let name = String(repeating: "n", count: room)
      #expect(try await connection.ask(Self.request(1, name)).contains("result"))
      let refused = try await connection.ask(Self.request(2, name + "n"))
      #expect(refused.contains("longer than 1048576 bytes") && refused.hasPrefix(#"{"error""#))
      // The long line is gone whole, and the next one is a request again.
      #expect(try await connection.ask(Self.request(3)).hasPrefix(#"{"id":3,"#))
      connection.close()
    }
  }

  @Test func anEndlessLineIsDroppedAndThenEnds() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      let megabyte = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000)
      for _ in 0..<5 { try await connection.write(megabyte) }
      #expect(try await connection.readReply().contains("not finished within 10 s"))
      connection.close()
    }
  }

  @Test func pipelinedRequestsAreAnsweredInOrder() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      try await connection.write((1...50).map { Self.request($0) + "\n" }.joined())
      for id in 1...50 { #expect(try await connection.readReply().hasPrefix(#"{"id":\#(id),"#)) }
      connection.close()
    }
  }

  @Test func aLongPollHoldsNothingUp() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      try await connection.write(Self.poll(1) + "\n")
      try await scene.loop.sleep(for: .seconds(5))
      try await connection.write(Self.poll(2) + "\n")
      #expect(try await connection.ask(Self.request(3)).hasPrefix(#"{"id":3,"#))
      #expect(try await connection.readReply().hasPrefix(#"{"id":1,"#))
      #expect(scene.loop.now == EventLoop.Instant(nanoseconds: 20_000_000_000))
      #expect(try await connection.readReply().hasPrefix(#"{"id":2,"#))
      #expect(scene.loop.now == EventLoop.Instant(nanoseconds: 25_000_000_000))
      connection.close()
    }
  }

  @Test func anIdThatWaitsIsNotTakenTwice() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      try await connection.write(Self.poll(1) + "\n")
      #expect(try await connection.ask(Self.poll(1)).contains("waits already"))
      #expect(try await connection.readReply().contains("reached"))
      // Answered, the id is free again.
      #expect(try await connection.ask(Self.poll(1)).contains("reached"))
      connection.close()
    }
  }

  @Test func sixteenRequestsMayWait() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      for id in 1...16 { try await connection.write(Self.poll(id) + "\n") }
      let refused = try await connection.ask(Self.poll(17))
      #expect(refused.contains("16 requests") && refused.contains(#""id":17"#))
      for id in 1...16 { #expect(try await connection.readReply().hasPrefix(#"{"id":\#(id),"#)) }
      #expect(try await connection.ask(Self.poll(18)).hasPrefix(#"{"id":18,"#))
      connection.close()
    }
  }

  @Test func whoLeavesGivesUpWhatItWaitsFor() throws {
    let ends = Seen<String>()
    try Scene.run(
      handlers: { table in
        table.register(TaskWait.self) { parameters, _ in
          do {
            try await EventLoop.current?.sleep(for: .seconds(1_000))
          } catch {
            ends.values.append("\(parameters.task) \(error is CancellationError)")
            throw error
          }
          return TaskWait.Result(task: someTask(), reached: true)
        }
      },
      { scene in
        let leaving = try await scene.connect()
        try await leaving.write(Self.poll(1, "gone") + "\n")
        try await scene.loop.sleep(for: .seconds(1))
        #expect(await scene.server.clients == 1)
        leaving.close()
        await scene.listener.waitUntilServed()
        #expect(await scene.server.clients == 0)
      })
    #expect(ends.values == ["gone true"])
  }

  @Test func whoTakesNoReplyIsDisconnected() throws {
    let name = String(repeating: "n", count: 1 << 20)
    try Scene.run(
      handlers: { table in
        table.register(TaskShow.self) { _, _ in TaskShow.Result(task: someTask(1, name)) }
      },
      { scene in
        let connection = try await scene.connect()
        let start = scene.loop.now
        try await connection.write((1...4).map { Self.request($0) + "\n" }.joined())
        try await scene.loop.sleep(for: .seconds(9))
        #expect(await scene.server.clients == 1)
        await scene.listener.waitUntilServed()
        #expect(scene.loop.now - start == .seconds(10))
        #expect(await scene.server.clients == 0)
        connection.close()
      })
  }

  @Test func whoTakesNoReplyOfALongPollIsDisconnectedToo() throws {
    let name = String(repeating: "n", count: 1 << 20)
    try Scene.run(
      handlers: { table in
        table.register(TaskWait.self) { _, _ in TaskWait.Result(task: someTask(1, name), reached: true) }
      },
      { scene in
        let connection = try await scene.connect()
        for id in 1...4 { try await connection.write(Self.poll(id) + "\n") }
        try await scene.loop.sleep(for: .seconds(9))
        #expect(await scene.server.clients == 1)
        await scene.listener.waitUntilServed()
        #expect(await scene.server.clients == 0)
        connection.close()
      })
  }

  @Test func aStrangerIsRefused() throws {
    let peers = Seen<ControlPeer>()
    try Scene.run(
      admits: { peer in
        peers.values.append(peer)
        return false
      },
      handlers: Self.handlers,
      { scene in
        let error = await #expect(throws: ControlError.self) {
          try await scene.call(TaskShow.self, TaskShow.Parameters(task: "a"))
        }
        #expect(error?.code == .permission)
        #expect(await scene.server.clients == 0)
      })
    #expect(peers.values == [ControlPeer(user: geteuid(), process: getpid())])
    #expect(ControlPeer(user: 1000, process: 1).maySteer(daemonOf: 1000))
    #expect(ControlPeer(user: 0, process: 1).maySteer(daemonOf: 1000))
    #expect(!ControlPeer(user: 1001, process: 1).maySteer(daemonOf: 1000))
  }

  @Test func theHandlerLearnsWhoAsks() throws {
    try Scene.run(
      handlers: { table in
        table.register(TaskShow.self) { _, peer in TaskShow.Result(task: someTask(Int64(peer.process))) }
      },
      { scene in
        let id = try await scene.call(TaskShow.self, TaskShow.Parameters(task: "a")).task.id
        #expect(id == Int64(getpid()))
      })
  }
}
