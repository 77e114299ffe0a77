import Control
import EventLoop
import Testing

/// Lines that are no proper request: each gets one answer that says what is wrong, and the connection goes on.
struct RequestTests {
  private static let handlers: @Sendable (inout HandlerTable) -> Void = { table in
    table.register(TaskShow.self) { parameters, _ in
      guard parameters.task != "?" else { throw Trouble() }
      guard parameters.task != "none" else { throw ControlError(.notFound, "no task none") }
      return TaskShow.Result(task: someTask(1, parameters.task))
    }
    table.register(TaskAdd.self) { _, _ in TaskAdd.Result(task: someTask()) }
  }

  private struct Trouble: Error, CustomStringConvertible {
    var description: String { "the cause" }
  }

  static let refusals: [(line: String, code: Int, text: String)] = [
    ("garbage", -32700, "no JSON"),
    ("{", -32700, "no JSON"),
    (#"{"jsonrpc":"2.0","id":1,"method":"task.show""#, -32700, "no JSON"),
    ("GET / HTTP/1.1\r", -32700, "no JSON"),
    ("\u{0}\u{1}", -32700, "control character"),
    ("[]", -32600, "one JSON object per line"),
    (#"[{"jsonrpc":"2.0","id":1,"method":"task.show"}]"#, -32600, "one JSON object per line"),
    ("17", -32600, "one JSON object per line"),
    ("{}", -32600, "jsonrpc"),
    (#"{"jsonrpc":"1.0","id":1,"method":"task.show"}"#, -32600, "jsonrpc"),
    (#"{"jsonrpc":"2.0","id":1}"#, -32600, "“method”"),
    (#"{"jsonrpc":"2.0","id":1,"method":7}"#, -32600, "“method” has the wrong type"),
    (#"{"jsonrpc":"2.0","id":{},"method":"task.show"}"#, -32600, "“id” has the wrong type"),
    (#"{"jsonrpc":"2.0","id":1.5,"method":"task.show"}"#, -32600, "“id” has the wrong type"),
    (#"{"jsonrpc":"2.0","id":1,"method":"task.eat"}"#, -32601, "known are task.add task.show"),
    (#"{"jsonrpc":"2.0","id":1,"method":"task.show"}"#, -32602, "task.show needs the parameter task"),
    (#"{"jsonrpc":"2.0","id":1,"method":"task.show","params":["a"]}"#, -32602, "the params of task.show"),
    (#"{"jsonrpc":"2.0","id":1,"method":"task.show","params":{"task":5}}"#, -32602, "a text is accepted"),
    (
      #"{"jsonrpc":"2.0","id":1,"method":"task.add","params":{"seeds":["a",5]}}"#, -32602,
      "parameter seeds[1] has the wrong type"
    ),
    (
      #"{"jsonrpc":"2.0","id":1,"method":"task.add","params":{"seeds":[],"settings":{"delay":null}}}"#, -32602,
      "settings.delay cannot be read; a setting is a text, a number, true or false, or a list of texts"
    ),
    (#"{"jsonrpc":"2.0","id":1,"method":"task.show","params":{"task":"none"}}"#, -32004, "no task none"),
    (
      #"{"jsonrpc":"2.0","id":1,"method":"task.show","params":{"task":"?"}}"#, -32603, "task.show: the cause"
    ),
    (#"{"jsonrpc":"2.0","id":99999999999999999999,"method":"task.show"}"#, -32600, "“id”"),
  ]

  @Test func everyRefusalSaysWhy() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      for refusal in Self.refusals {
        let reply = try await connection.ask(refusal.line)
        #expect(reply.contains("\"code\":\(refusal.code),"), "\(refusal.line) → \(reply)")
        #expect(reply.contains(refusal.text), "\(refusal.line) → \(reply)")
      }
      let good = try await connection.ask(#"{"jsonrpc":"2.0","id":"x","method":"task.show","params":{"task":"a"}}"#)
      #expect(good.contains(#""id":"x""#) && good.contains(#""name":"a""#))
      connection.close()
    }
  }

  /// Words and numbers, with what is accepted and without what the reader of JSON calls them.
  @Test func whatAParameterMustBeIsSaid() throws {
    let refusals = [
      (
        #"{"jsonrpc":"2.0","id":1,"method":"task.wait","params":{"task":"a","for":"x"}}"#,
        #"{"accepted":"done or paused","parameter":"for"},"message":"task.wait: parameter for: “x” is not known; accepted: done"#
      ),
      (#"{"jsonrpc":"2.0","id":1,"method":"task.wait","params":{"task":"a","for":1}}"#, "parameter for has the"),
      (#"{"jsonrpc":"2.0","id":1,"method":"task.list","params":{"limit":1e400}}"#, "integers of 64 bits"),
      (#"{"jsonrpc":"2.0","id":1,"method":"task.list","params":{"limit":1.5}}"#, "integers of 64 bits"),
      (
        #"{"jsonrpc":"2.0","id":1,"method":"host.block","params":{"host":"a","until":1e30}}"#,
        "host.block: a value in the params cannot be read; integers of 64 bits"
      ),
      (
        #"{"jsonrpc":"2.0","id":1,"method":"task.cancel","params":{"tasks":["nosuch"],"all":true}}"#,
        #"give either \"tasks\" or \"all\": true"#
      ),
    ]
    try Scene.run(
      handlers: { table in
        table.register(TaskList.self) { _, _ in TaskList.Result(tasks: []) }
        table.register(TaskWait.self) { _, _ in TaskWait.Result(task: someTask(), reached: true) }
        table.register(TaskCancel.self) { _, _ in TaskChanges(changes: []) }
        table.register(HostBlock.self) { _, _ in HostBlocks(hosts: []) }
      },
      { scene in
        let connection = try await scene.connect()
        for (line, text) in refusals {
          let reply = try await connection.ask(line)
          #expect(reply.contains("\"code\":-32602,") && reply.contains(text), "\(line) → \(reply)")
        }
        let all = try await connection.ask(
          #"{"jsonrpc":"2.0","id":1,"method":"task.cancel","params":{"tasks":[],"all":true}}"#)
        #expect(all.contains("result"), "\(all)")
        connection.close()
      })
  }

  @Test func anErrorQuotesNoMoreThanItsLimit() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      let name = String(repeating: "é", count: 20_000)
      let reply = try await connection.ask(#"{"jsonrpc":"2.0","id":1,"method":"\#(name)"}"#)
      #expect(reply.contains("there is no method ") && reply.contains(" … ") && reply.contains("task.show"))
      #expect(reply.utf8.count < ControlError.longestMessage + 200)
      connection.close()
    }
  }

  @Test func anUnknownMethodListsTheKnownOnes() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let error = await #expect(throws: ControlError.self) {
        try await scene.call(TaskList.self, PageParameters())
      }
      #expect(error?.code == .unknownMethod)
      #expect(error?.data?.methods == ["task.add", "task.show"])
    }
  }

  @Test func aNotificationIsCarriedOutWithoutReply() throws {
    let seen = Seen<String>()
    try Scene.run(
      handlers: { table in
        table.register(TaskShow.self) { parameters, _ in
          seen.values.append(parameters.task)
          return TaskShow.Result(task: someTask())
        }
      },
      { scene in
        let connection = try await scene.connect()
        try await connection.write(#"{"jsonrpc":"2.0","method":"task.show","params":{"task":"quiet"}}"# + "\n")
        let reply = try await connection.ask(
          #"{"jsonrpc":"2.0","id":null,"method":"task.show","params":{"task":"loud"}}"#)
        #expect(reply.hasPrefix(#"{"id":null,"#))
        connection.close()
      })
    #expect(seen.values == ["quiet", "loud"])
  }

  @Test func blankLinesAndCarriageReturnsAreNothing() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      try await connection.write("\n \t\n\r\n")
      let reply = try await connection.ask(
        #"{"jsonrpc":"2.0","id":1,"method":"task.show","params":{"task":"a"}}"# + "\r")
      #expect(reply.contains("result"))
      connection.close()
    }
  }

  @Test func jsonIsRefusedBeyond64Levels() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      func request(levels: Int) -> String {
        let nested = String(repeating: "[", count: levels - 2) + String(repeating: "]", count: levels - 2)
        return #"{"jsonrpc":"2.0","id":1,"method":"task.show","params":{"task":"a","x":\#(nested)}}"#
      }
      #expect(try await connection.ask(request(levels: 64)).contains("result"))
      #expect(try await connection.ask(request(levels: 65)).contains("deeper than 64 levels"))
      let abyss = try await connection.ask(String(repeating: "[{\"a\":", count: 100_000))
      #expect(abyss.contains("deeper than 64 levels"))
      connection.close()
    }
  }

  @Test func bytesThatAreNoUTF8() throws {
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      try await connection.write(Array(#"{"jsonrpc":"2.0","id":1,"method":""#.utf8) + [0xFF, 0x22, 0x7D, 0x0A])
      #expect(try await connection.readReply().contains("no valid UTF-8"))
      connection.close()
    }
  }

  @Test func aMangledLineGetsAtMostOneAnswer() throws {
    var generator = SplitMix(state: 42)
    let line = Array(#"{"jsonrpc":"2.0","id":1,"method":"task.add","params":{"seeds":["http://a/"],"name":"n"}}"#.utf8)
    let mangled: [[UInt8]] = (0..<400).map { _ in
      var bytes = line
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0x20...0xFF, using: &generator)
        case 1: bytes.remove(at: place)
        default: bytes.insert(Array("{}[]\",:\\e9-".utf8).randomElement(using: &generator) ?? 0x7B, at: place)
        }
      }
      return bytes
    }
    try Scene.run(handlers: Self.handlers) { scene in
      let connection = try await scene.connect()
      for bytes in mangled {
        // A request whose "id" was mangled away is a notification, which gets no reply: the one behind it does.
        try await connection.write(bytes + [0x0A])
        var reply = try await connection.ask(#"{"jsonrpc":"2.0","id":"probe","method":"task.eat"}"#)
        if !reply.contains(#""id":"probe""#) {
          #expect(reply.contains(#""error":"#) || reply.contains(#""result":"#), "\(bytes)")
          reply = try await connection.readReply()
        }
        #expect(reply.contains(#""id":"probe""#), "\(bytes) → \(reply)")
      }
      connection.close()
    }
  }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
