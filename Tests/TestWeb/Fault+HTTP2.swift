/// What a server can do to a stream and a connection of HTTP/2 (RFC 9113), behind a TLS server that agrees to it.
extension Fault {
  static let frames: [Fault] = endings + streamResets + frameFloods + sizes + order + blocks

  private static let start = HTTP2Frame.settings() + HTTP2Frame.bytes(.settings, flags: HTTP2Frame.acknowledgement)

  /// The bytes come after the server's settings, which begin a connection.
  private static func frames(
    _ name: String, is outcomes: Set<String>, limit: Limit = .none, start: [UInt8] = start, then last: WireStep = .hold,
    _ bytes: @escaping @Sendable (_ stream: UInt32) -> [UInt8]
  ) -> Fault {
    Fault(
      "h2-\(name)", is: outcomes, limit: limit,
      at: .frames { stream in [.send((stream == 1 ? start : []) + bytes(stream)), last] })
  }

  private static func page(_ stream: UInt32) -> [UInt8] { HTTP2Frame.data(stream, Array(page.utf8), ends: true) }
  private static func answer(_ stream: UInt32) -> [UInt8] { HTTP2Frame.headers(stream) + page(stream) }

  private static let endings: [Fault] = [
    frames("in-order", is: ["ok"]) { answer($0) },
    frames("silence", is: ["first_byte_timeout"], limit: .firstByte) { _ in [] },
    // Who asks for five pages of a connection at once gets them.
    frames("answers-five-at-once", is: ["first_byte_timeout"], limit: .firstByte) { stream in
      stream == 9 ? [1, 3, 5, 7, 9].flatMap(answer) : []
    },
    frames("silence-without-settings", is: ["first_byte_timeout"], limit: .firstByte, start: []) { _ in [] },
    frames("half-a-frame-head", is: ["first_byte_timeout"], limit: .firstByte) { _ in [0, 0, 4, 1] },
    // The next request on the same connection, which is broken by then.
    frames("half-a-header-block", is: ["first_byte_timeout", "reset"], limit: .firstByte) {
      Array(HTTP2Frame.headers($0).dropLast(3))
    },
    frames("headers-without-end", is: ["first_byte_timeout", "reset"], limit: .firstByte) {
      HTTP2Frame.bytes(.headers, HTTP2Frame.answer, stream: $0)
    },
    frames("body-that-stops", is: ["too_slow"], limit: .lowSpeed) {
      HTTP2Frame.headers($0) + HTTP2Frame.data($0, thousand)
    },
    frames("waits-for-a-window", is: ["too_slow"], limit: .lowSpeed) {
      HTTP2Frame.headers($0) + (0..<4).flatMap { _ in HTTP2Frame.data(1, [UInt8](repeating: 0x78, count: 16_000)) }
    },
    frames("close", is: ["reset", "protocol_error"], then: .close) { _ in [] },
    frames("close-in-body", is: ["truncated", "reset", "protocol_error"], then: .close) {
      HTTP2Frame.headers($0) + HTTP2Frame.data($0, thousand)
    },
    frames("goaway-at-once", is: ["reset"], then: .close) { _ in HTTP2Frame.goAway(last: 0) },
    frames("goaway-calm-down", is: ["reset", "protocol_error"], then: .close) { _ in
      HTTP2Frame.goAway(last: 0, code: 11)
    },
    frames("goaway-and-silence", is: ["reset", "first_byte_timeout"], limit: .firstByte) { _ in
      HTTP2Frame.goAway(last: 0)
    },
    frames("goaway-in-body", is: ["ok"]) { HTTP2Frame.headers($0) + HTTP2Frame.goAway(last: $0) + page($0) },
    frames("goaway-in-body-and-close", is: ["truncated", "reset", "protocol_error"], then: .close) {
      HTTP2Frame.headers($0) + HTTP2Frame.data($0, thousand) + HTTP2Frame.goAway(last: $0, code: 2)
    },
    frames("one-stream-for-each-connection", is: ["ok"]) {
      $0 == 1 ? answer($0) : HTTP2Frame.reset($0, code: 7)
    },
    frames("goaway-for-other-streams", is: ["ok"]) { HTTP2Frame.goAway(last: 0x7FFF_FFFF) + answer($0) },
    frames("http-1-instead", is: ["protocol_error", "reset"], start: [], then: .close) { _ in
      Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
    },
    frames("garbage", is: ["protocol_error", "reset"], start: [], then: .close) { _ in thousand },
  ]

  private static func outcomes(ofReset code: Int) -> Set<String> {
    switch code {
    case 13: ["reset", "protocol_error", "tls_failed"]
    default: ["reset"]
    }
  }

  /// RST_STREAM with each code before the answer, and some within it.
  private static let streamResets: [Fault] =
    (0...14).map { code in
      frames("reset-\(code)", is: outcomes(ofReset: code)) {
        HTTP2Frame.reset($0, code: UInt32(code))
      }
    }
    + [0, 2, 8].map { code in
      frames("reset-in-body-\(code)", is: ["reset", "truncated"]) {
        HTTP2Frame.headers($0) + HTTP2Frame.data($0, thousand) + HTTP2Frame.reset($0, code: UInt32(code))
      }
    }
    + [
      frames("reset-after-end", is: ["ok"]) { answer($0) + HTTP2Frame.reset($0, code: 0) },
      frames("reset-of-nothing", is: ["protocol_error", "reset"]) { _ in HTTP2Frame.reset(0, code: 0) },
      frames("reset-of-idle-stream", is: ["protocol_error", "reset"]) { HTTP2Frame.reset($0 + 100, code: 0) },
    ]

  private static func flood(
    _ name: String, is outcomes: Set<String>, limit: Limit = .firstByte,
    first: @escaping @Sendable (UInt32) -> [UInt8] = { _ in [] },
    _ unit: @escaping @Sendable (UInt32) -> [UInt8]
  ) -> Fault {
    Fault(
      "h2-flood-of-\(name)", is: outcomes, limit: limit,
      at: .frames { stream in
        let unit = unit(stream)
        return [
          .send((stream == 1 ? start : []) + first(stream)),
          .sendForever([[UInt8]](repeating: unit, count: max(1, 8_000 / unit.count)).flatMap { $0 }),
        ]
      })
  }

  private static let frameFloods: [Fault] = [
    flood("pings", is: ["first_byte_timeout", "protocol_error", "reset"]) { _ in
      HTTP2Frame.bytes(.ping, [UInt8](repeating: 7, count: 8))
    },
    flood("settings", is: ["first_byte_timeout", "protocol_error", "reset"]) { _ in HTTP2Frame.settings([(3, 100)]) },
    flood("acknowledgements", is: ["first_byte_timeout", "protocol_error", "reset"]) { _ in
      HTTP2Frame.bytes(.settings, flags: HTTP2Frame.acknowledgement)
    },
    flood("priorities", is: ["first_byte_timeout", "protocol_error"]) {
      HTTP2Frame.bytes(.priority, [0, 0, 0, 0, 1], stream: $0 + 2)
    },
    flood("windows", is: ["first_byte_timeout", "protocol_error", "reset"]) {
      HTTP2Frame.bytes(.windowUpdate, [0, 0, 0, 1], stream: $0)
    },
    flood("unheard-of-frames", is: ["first_byte_timeout", "protocol_error"]) {
      HTTP2Frame.bytes(.unheardOf, thousand, stream: $0)
    },
    flood(
      "empty-data", is: ["too_slow", "protocol_error", "reset"], limit: .lowSpeed, first: { HTTP2Frame.headers($0) }
    ) { HTTP2Frame.data($0, []) },
    flood(
      "padding", is: ["too_slow", "too_large", "protocol_error", "reset", "body_timeout"], limit: .total,
      first: { HTTP2Frame.headers($0) }
    ) {
      HTTP2Frame.bytes(.data, [255] + [UInt8](repeating: 0, count: 255), flags: HTTP2Frame.padded, stream: $0)
    },
    flood("data", is: ["too_large"], limit: .total, first: { HTTP2Frame.headers($0) }) {
      HTTP2Frame.data($0, thousand)
    },
    flood(
      "continuations", is: ["protocol_error", "reset", "header_limit"], limit: .none,
      first: {
        HTTP2Frame.bytes(.headers, HTTP2Frame.answer, stream: $0)
      }
    ) { HTTP2Frame.bytes(.continuation, HTTP2Frame.field("x-more", "and more"), stream: $0) },
    flood(
      "empty-continuations", is: ["protocol_error", "reset", "header_limit", "first_byte_timeout"],
      first: {
        HTTP2Frame.bytes(.headers, HTTP2Frame.answer, stream: $0)
      }
    ) { HTTP2Frame.bytes(.continuation, stream: $0) },
    flood("hints", is: ["header_limit", "protocol_error", "reset"], limit: .none) {
      HTTP2Frame.headers($0, HTTP2Frame.field(":status", "103") + HTTP2Frame.field("link", "</style.css>"))
    },
    flood("pushes", is: ["protocol_error", "reset"], limit: .none) {
      HTTP2Frame.bytes(.pushPromise, [0, 0, 0, 2] + HTTP2Frame.answer, flags: HTTP2Frame.endHeaders, stream: $0)
    },
    // One entry of 4 kB in the table, named by a byte each time: 16 kB stand for 60 MB.
    frames("header-bomb", is: ["header_limit", "protocol_error", "reset"]) {
      let entry = [0x40] + HTTP2Frame.string("x") + HTTP2Frame.string(String(repeating: "b", count: 4_000))
      return HTTP2Frame.headers($0, HTTP2Frame.status200 + entry + [UInt8](repeating: 0xBE, count: 12_000), ends: true)
    },
    frames("large-header-list", is: ["header_limit", "protocol_error", "reset"]) { stream in
      let block = [0x00] + HTTP2Frame.string("x") + HTTP2Frame.string(String(repeating: "h", count: 15_000))
      return HTTP2Frame.bytes(.headers, HTTP2Frame.answer, stream: stream)
        + (0..<40).flatMap {
          HTTP2Frame.bytes(.continuation, block, flags: $0 == 39 ? HTTP2Frame.endHeaders : 0, stream: stream)
        }
        + page(stream)
    },
  ]
}
