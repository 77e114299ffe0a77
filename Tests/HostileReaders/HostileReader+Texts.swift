import Control
import Units

extension HostileReader {
  /// Durations, sizes and times as users and clients write them.
  static let units = HostileReader(
    "units",
    Grammar(
      documents: [
        "1.5h", "250 ms", "10 MiB", "2026-01-31T13:45:00.25+01:00", "2024-02-29", "36500d", "9223372036854775807",
      ],
      pieces: ["ms", "s", "m", "h", "d", "kB", "KiB", "MB", "B", "T", "Z", "-", ":", "+", " ", "1", "0", ".", "00"]),
    shapes: [
      Shape("9"), Shape("0"), Shape(" "), Shape("."), Shape("9", after: "0."), Shape("s"), Shape("\u{301}", after: "1"),
    ],
    read: { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      _ = try? DurationText.parse(text)
      _ = try? ByteCount.parse(text)
      _ = try? Timestamp.parse(text)
    },
    properties: { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      if let duration = try? DurationText.parse(text) {
        try require((try? DurationText.parse(DurationText.exact(duration))) == duration, "\(duration) is not read back")
        try require((try? DurationText.parse(DurationText.format(duration))) != nil, "\(duration) is written wrongly")
      }
      if let size = try? ByteCount.parse(text) {
        try require((try? ByteCount.parse(ByteCount.exact(size))) == size, "\(size) bytes are not read back")
        // What is rounded for people may be 8 EiB, one byte more than a size can be.
        let mayRoundUp = size > Int64.max - (1 << 55)
        try require(
          mayRoundUp || (try? ByteCount.parse(ByteCount.format(size))) != nil, "\(size) bytes are written wrongly")
      }
      if let time = try? Timestamp.parse(text) {
        let again = try? Timestamp.parse(time.iso8601(fractionDigits: 6))
        try require(again == time, "\(time.iso8601(fractionDigits: 6)) is not read back")
      }
      let safe = TerminalText.escape(text)
      try require(!safe.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "controls would reach the terminal")
      try require(TerminalText.escape(safe) == safe, "\(safe) is escaped twice")
    })

  /// A connection's bytes, cut into lines, and each line read as a request.
  static let controlLine = HostileReader(
    "control-line",
    Grammar(
      documents: [
        #"{"jsonrpc":"2.0","id":1,"method":"task.add","params":{"seeds":["http://a/"],"settings":{"delay":"1s","x":[1]}}}"#
          + "\n" + #"{"jsonrpc":"2.0","method":"task.pause","params":{"tasks":["n"],"now":true}}"# + "\n",
        #"{"id":"\ud83d\ude00\u0000","params":{},"method":"daemon.status","jsonrpc":"2.0"}"# + "\r\n",
      ],
      pieces: [
        "{", "}", "[", "]", "\"", ":", ",", "\\", "\\u0000", "\\ud800", "\\udc00", "null", "true", "false", "1e400",
        "-",
        "-0", "0.1", "\n", "\r", "\"id\":", "\"jsonrpc\":\"2.0\"", "\"method\":\"task.add\"", "\"params\":",
        "\"seeds\":",
        "[[", "{\"a\":", "//", "/*", "NaN", "\u{2028}",
      ]),
    shapes: Shape.lines,
    read: { bytes in
      var lines = LineReader(limit: ControlLimits().lineBytes)
      for start in stride(from: 0, to: bytes.count, by: LineReader.chunk) {
        lines.append(Array(bytes[start..<min(bytes.count, start + LineReader.chunk)]))
        reading: while true {
          switch lines.next() {
          case .line(let line): _ = handlers.read(line, depth: ControlLimits().depth)
          case .tooLong: continue
          case .incomplete: break reading
          }
        }
      }
      if let line = lines.takeRest() { _ = handlers.read(line, depth: ControlLimits().depth) }
    })

  private static let handlers: HandlerTable = {
    var table = HandlerTable()
    table.register(TaskAdd.self) { _, _ in throw ControlError(.internalError, "nobody answers") }
    table.register(TaskPause.self) { _, _ in throw ControlError(.internalError, "nobody answers") }
    table.register(TaskSet.self) { _, _ in throw ControlError(.internalError, "nobody answers") }
    return table
  }()
}

extension Shape {
  private static let start = #"{"jsonrpc":"2.0","id":1,"method":"task.add","params":{"seeds":["#

  fileprivate static let lines: [Shape] = [
    Shape("\n"), Shape("x\n"), Shape("x"), Shape("{}\n"), Shape("["), Shape("{\"a\":"), Shape("\""),
    Shape("\\", after: "\""),
    Shape("\\u0000", after: "\"", before: "\""), Shape("\\ud83d\\ude00", after: start + "\"", before: "\"]}}"),
    Shape("\"http://a/\",", after: start, before: "\"\"]}}"), Shape("[],", after: start, before: "[]]}}"),
    Shape("9", after: start, before: "]}}"), Shape("9", after: start + "1.", before: "]}}"),
    Shape("9", after: start + "1e", before: "]}}"), Shape(" ", after: start, before: "]}}"),
    Shape("\u{E9}", after: start + "\"", before: "\"]}}"),
    Shape(
      "members", after: #"{"jsonrpc":"2.0","id":1,"method":"task.set","params":{"settings":{"#, before: "\"x\":1}}}"
    ) {
      "\"a\($0)\":1,"
    },
    Shape("\"a\":1,", after: #"{"jsonrpc":"2.0","id":1,"method":"task.set","params":{"#, before: "\"x\":1}}"),
  ]
}
