import Control
import EventLoop
import Glibc
import Testing

/// A method whose parameters are read no further until the test says so.
private enum Held: ControlMethod {
  struct Parameters: Codable, Sendable {
    init(from decoder: any Decoder) throws {
      sem_post(Held.reached)
      while sem_wait(Held.opened) != 0 {}
    }

    func encode(to encoder: any Encoder) throws {}
  }

  struct Result: Codable, Sendable {}

  static let name = "test.held"
  private nonisolated(unsafe) static let reached = semaphore()
  private nonisolated(unsafe) static let opened = semaphore()

  /// Once for each request.
  static var isReached: Bool { sem_trywait(reached) == 0 }

  static func goOn() { sem_post(opened) }

  private static func semaphore() -> UnsafeMutablePointer<sem_t> {
    let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
    return semaphore
  }
}

/// Who keeps its place when too many are connected, or no descriptor is left.
extension ConnectionTests {
  @Test func theSixtyFifthClientTakesThePlaceOfWhoAsksNothing() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      var connections: [Connection] = []
      for id in 1...64 {
        let connection = try await scene.connect()
        // The first sends nothing that is a request, and the second was answered before the others.
        let reply = try await connection.ask(id == 1 ? "{" : Self.request(id))
        #expect(reply.contains(id == 1 ? "no JSON" : "result"))
        connections.append(connection)
        try await scene.loop.sleep(for: .milliseconds(1))
      }
      for loser in 0..<2 {
        #expect(try await scene.call(TaskShow.self, TaskShow.Parameters(task: "a")).task.name == "a")
        #expect(try await connections[loser].readReply().contains("64 clients are connected; this one makes room"))
        #expect(try await connections[loser].readReply() == "")
        // The caller has left, so another one has to come for the next to go.
        try await scene.loop.sleep(for: .milliseconds(1))
        let other = try await scene.connect()
        #expect(try await other.ask(Self.request(100)).contains("result"))
        connections.append(other)
      }
      #expect(await scene.server.clients == 64)
      #expect(try await connections[2].ask(Self.request(3)).hasPrefix(#"{"id":3,"#))
      for connection in connections { connection.close() }
    }
  }

  @Test func fewDescriptorsLeaveFewerClients() throws {
    let limits = [8, 32, 160, 10_000].map(ControlLimits.init(descriptors:))
    #expect(limits.map(\.clients) == [3, 12, 64, 64])
    #expect(limits.map(\.parting) == [1, 3, 16, 16])
    try Scene.run(limits: limits[0], handlers: Self.handlers) { scene in
      var connections: [Connection] = []
      for id in 1...4 {
        let connection = try await scene.connect()
        #expect(try await connection.ask(Self.request(id)).contains("result"))
        connections.append(connection)
      }
      #expect(try await connections[0].readReply().contains("3 clients are connected; this one makes room"))
      for connection in connections { connection.close() }
    }
  }

  /// The listener says so when accept(2) has failed.
  @Test func whoAsksNothingGivesItsDescriptorBackWhenNoneIsLeft() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      var connections: [Connection] = []
      for id in 1...2 {
        let connection = try await scene.connect()
        #expect(try await connection.ask(Self.request(id)).contains("result"))
        connections.append(connection)
      }
      scene.server.acceptFailed()
      #expect(try await connections[0].readReply().contains("no descriptor or memory left; this one makes room"))
      #expect(try await connections[1].ask(Self.request(3)).contains("result"))
      for connection in connections { connection.close() }
    }
  }

  @Test func nobodyMakesRoomWhileThereAreDescriptorsThatNobodyNeeds() throws {
    let spare = Seen<Int>()
    spare.values = [1]
    try Scene.run(
      freeDescriptors: { spare.values.popLast() != nil }, handlers: Self.handlers,
      { scene in
        let connection = try await scene.connect()
        #expect(try await connection.ask(Self.request(1)).contains("result"))
        scene.server.acceptFailed()
        #expect(spare.values.isEmpty)
        #expect(try await connection.ask(Self.request(2)).contains("result"))
        scene.server.acceptFailed()
        #expect(try await connection.readReply().contains("no descriptor or memory left; this one makes room"))
        connection.close()
      })
  }

  /// From accept(2) on, for a client that waits; and to nobody when a client has got the last descriptor.
  @Test func aClientWithoutADescriptorGetsThatOfWhoAsksNothing() throws {
    try withOwnDescriptors {
      try Scene.run(handlers: Self.handlers) { scene in
        var connections: [Connection] = []
        for id in 1...2 {
          let connection = try await scene.connect()
          #expect(try await connection.ask(Self.request(id)).contains("result"))
          connections.append(connection)
          try await scene.loop.sleep(for: .milliseconds(1))
        }
        var taken: [Int32] = []
        while case let descriptor = dup(0), descriptor >= 0 { taken.append(descriptor) }
        #expect(errno == EMFILE)
        // For the client's end.
        close(taken.removeLast())
        let third = try await scene.connect()
        #expect(try await third.ask(Self.request(3)).contains("result"))
        #expect(scene.listener.pauses == 1)
        #expect(try await connections[0].readReply().contains("no descriptor or memory left; this one makes room"))
        #expect(try await connections[0].readReply() == "")
        #expect(try await connections[1].ask(Self.request(2)).contains("result"))
        #expect(scene.listener.pauses == 1)
        for descriptor in taken { close(descriptor) }
        for connection in connections + [third] { connection.close() }
      }
    }
  }

  /// For a second; then another may have its place.
  @Test func whoSendsARequestKeepsItsPlace() throws {
    var limits = ControlLimits()
    limits.clients = 1
    try Scene.run(limits: limits, handlers: Self.handlers) { scene in
      let sending = try await scene.connect()
      try await sending.write(String(Self.request(1).prefix(10)))
      try await scene.loop.sleep(for: .milliseconds(900))
      let error = await #expect(throws: ControlError.self) {
        try await scene.call(TaskShow.self, TaskShow.Parameters(task: "a"))
      }
      #expect(error?.code == .limit)
      #expect(try await sending.ask(String(Self.request(1).dropFirst(10))).hasPrefix(#"{"id":1,"#))
      try await sending.write(String(Self.request(2).prefix(10)))
      try await scene.loop.sleep(for: .milliseconds(1_100))
      #expect(try await scene.call(TaskShow.self, TaskShow.Parameters(task: "b")).task.name == "b")
      #expect(try await sending.readReply().contains("this one makes room"))
      sending.close()
    }
  }

  @Test func whoseRequestIsBeingReadKeepsItsPlace() throws {
    var limits = ControlLimits()
    (limits.clients, limits.longLineBytes) = (1, 1_000)
    try Scene.run(
      limits: limits,
      handlers: { table in
        Self.handlers(&table)
        table.register(Held.self) { _, _ in Held.Result() }
      },
      { scene in
        let sending = try await scene.connect()
        let line = #"{"jsonrpc":"2.0","id":1,"method":"test.held","params":{}}"#
        try await sending.write(line + String(repeating: " ", count: 1_000) + "\n")
        while !Held.isReached { await Task.yield() }
        let error = await #expect(throws: ControlError.self) {
          try await scene.call(TaskShow.self, TaskShow.Parameters(task: "a"))
        }
        Held.goOn()
        #expect(error?.code == .limit)
        #expect(try await sending.readReply().hasPrefix(#"{"id":1,"#))
        sending.close()
      })
  }

  @Test func whoTakesNothingMakesRoomToo() throws {
    var limits = ControlLimits()
    limits.clients = 1
    let name = String(repeating: "n", count: 1 << 20)
    try Scene.run(
      limits: limits,
      handlers: { table in
        table.register(TaskShow.self) { parameters, _ in
          TaskShow.Result(task: someTask(1, parameters.task == "long" ? name : parameters.task))
        }
      },
      { scene in
        let deaf = try await scene.connect()
        try await deaf.write(Self.request(1, "long") + "\n")
        try await scene.loop.sleep(for: .seconds(1))
        let start = scene.loop.now
        #expect(try await scene.call(TaskShow.self, TaskShow.Parameters(task: "b")).task.name == "b")
        #expect(scene.loop.now == start)
        deaf.close()
      })
  }

  @Test func nobodyIsTakenWhenAllWaitForAnswers() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      var connections: [Connection] = []
      for id in 1...64 {
        let connection = try await scene.connect()
        try await connection.write(Self.poll(id) + "\n")
        connections.append(connection)
      }
      try await scene.loop.sleep(for: .seconds(1))
      let refused = try await scene.connect()
      #expect(try await refused.readReply().contains("64 clients wait for answers"))
      #expect(try await refused.readReply() == "")
      refused.close()
      let error = await #expect(throws: ControlError.self) {
        try await scene.call(TaskShow.self, TaskShow.Parameters(task: "a"))
      }
      #expect(error?.code == .limit)
      connections.removeLast().close()
      // A round of the loop later the server has seen it leave.
      try await scene.loop.sleep(for: .milliseconds(1))
      #expect(try await scene.call(TaskShow.self, TaskShow.Parameters(task: "b")).task.name == "b")
      for connection in connections { connection.close() }
    }
  }
}
