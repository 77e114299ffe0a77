/// Frames and header blocks of HTTP/2 that are wrong in themselves, or where they stand.
extension Fault {
  private static let wrong: Set<String> = ["protocol_error", "reset"]
  private static let settled = HTTP2Frame.settings() + HTTP2Frame.bytes(.settings, flags: HTTP2Frame.acknowledgement)

  private static func wrong(
    _ name: String, is outcomes: Set<String> = wrong, settings: [UInt8] = settled, limit: Limit = .none,
    _ bytes: @escaping @Sendable (_ stream: UInt32) -> [UInt8]
  ) -> Fault {
    Fault(
      "h2-\(name)", is: outcomes, limit: limit,
      at: .frames { stream in [.send((stream == 1 ? settings : []) + bytes(stream)), .hold] })
  }

  private static func whole(_ stream: UInt32) -> [UInt8] {
    HTTP2Frame.headers(stream) + HTTP2Frame.data(stream, Array(page.utf8), ends: true)
  }

  static let sizes: [Fault] = [
    wrong("frame-of-16-megabytes", is: ["protocol_error", "reset", "first_byte_timeout"], limit: .firstByte) {
      HTTP2Frame.bytes(.data, thousand, stream: $0, length: 0xFF_FFFF)
    },
    wrong("settings-of-5-bytes") { _ in HTTP2Frame.bytes(.settings, [0, 3, 0, 0, 0]) },
    wrong("acknowledgement-with-settings") { _ in
      HTTP2Frame.bytes(.settings, [0, 3, 0, 0, 0, 9], flags: HTTP2Frame.acknowledgement)
    },
    wrong("ping-of-7-bytes") { _ in HTTP2Frame.bytes(.ping, [UInt8](repeating: 0, count: 7)) },
    wrong("reset-of-3-bytes") { HTTP2Frame.bytes(.reset, [0, 0, 0], stream: $0) },
    wrong("window-of-3-bytes") { HTTP2Frame.bytes(.windowUpdate, [0, 0, 1], stream: $0) },
    wrong("goaway-of-4-bytes") { _ in HTTP2Frame.bytes(.goAway, [0, 0, 0, 0]) },
    wrong("padding-longer-than-frame", is: ["protocol_error", "reset", "too_slow", "ok"], limit: .lowSpeed) {
      HTTP2Frame.headers($0) + HTTP2Frame.bytes(.data, [200, 1, 2], flags: HTTP2Frame.padded, stream: $0)
    },
    wrong("window-of-zero") { HTTP2Frame.bytes(.windowUpdate, [0, 0, 0, 0], stream: $0) },
    wrong("window-that-overflows") { _ in
      HTTP2Frame.bytes(.windowUpdate, [0x7F, 0xFF, 0xFF, 0xFF])
        + HTTP2Frame.bytes(.windowUpdate, [0x7F, 0xFF, 0xFF, 0xFF])
    },
    wrong("initial-window-above-31-bits", settings: HTTP2Frame.settings([(4, 0x8000_0000)])) { whole($0) },
    wrong("frame-size-of-1", settings: HTTP2Frame.settings([(5, 1)])) { whole($0) },
    wrong("server-that-enables-push", is: ["protocol_error", "reset", "ok"], settings: HTTP2Frame.settings([(2, 1)])) {
      whole($0)
    },
    wrong("no-streams-allowed", is: ["ok"], settings: HTTP2Frame.settings([(3, 0)])) { whole($0) },
    wrong("table-of-4-gigabytes", is: ["ok"], settings: HTTP2Frame.settings([(1, .max), (6, .max), (0xFFFF, 7)])) {
      whole($0)
    },
    wrong("window-of-nothing", is: ["ok"], settings: HTTP2Frame.settings([(4, 0)])) { whole($0) },
  ]

  static let order: [Fault] = [
    wrong("no-settings", settings: []) { whole($0) },
    wrong("data-before-headers") { HTTP2Frame.data($0, thousand) },
    wrong("data-after-end", is: ["ok", "protocol_error", "reset"]) {
      whole($0) + HTTP2Frame.data($0, thousand, ends: true)
    },
    wrong("headers-after-end", is: ["ok", "protocol_error", "reset"]) {
      whole($0) + HTTP2Frame.headers($0, ends: true)
    },
    wrong("data-of-no-stream") { _ in HTTP2Frame.data(0, thousand) },
    wrong("headers-of-no-stream") { _ in HTTP2Frame.headers(0) },
    wrong("headers-of-idle-stream") { HTTP2Frame.headers($0 + 100) },
    wrong("headers-of-even-stream") { _ in HTTP2Frame.headers(2) },
    wrong("data-of-idle-stream") { HTTP2Frame.data($0 + 100, thousand) },
    wrong("settings-of-a-stream") { HTTP2Frame.bytes(.settings, stream: $0) },
    wrong("ping-of-a-stream") { HTTP2Frame.bytes(.ping, [UInt8](repeating: 0, count: 8), stream: $0) },
    wrong("goaway-of-a-stream") { HTTP2Frame.bytes(.goAway, [UInt8](repeating: 0, count: 8), stream: $0) },
    wrong("continuation-first") {
      HTTP2Frame.bytes(.continuation, HTTP2Frame.answer, flags: HTTP2Frame.endHeaders, stream: $0)
    },
    wrong("ping-between-headers") {
      HTTP2Frame.bytes(.headers, HTTP2Frame.answer, stream: $0)
        + HTTP2Frame.bytes(.ping, [UInt8](repeating: 0, count: 8))
    },
    wrong("push-promise") {
      HTTP2Frame.bytes(.pushPromise, [0, 0, 0, 2] + HTTP2Frame.answer, flags: HTTP2Frame.endHeaders, stream: $0)
        + whole($0)
    },
    wrong("unheard-of-frame", is: ["ok"]) {
      HTTP2Frame.bytes(.unheardOf, thousand, flags: 0xFF, stream: $0) + whole($0)
    },
    wrong("depends-on-itself", is: ["ok", "protocol_error", "reset"]) {
      HTTP2Frame.bytes(.priority, HTTP2Frame.bigEndian($0) + [1], stream: $0) + whole($0)
    },
    wrong("trailers", is: ["ok"]) {
      HTTP2Frame.headers($0) + HTTP2Frame.data($0, Array(page.utf8))
        + HTTP2Frame.headers($0, HTTP2Frame.field("x-trailer", "1"), ends: true)
    },
    wrong("trailers-without-end", is: ["protocol_error", "reset", "too_slow"], limit: .lowSpeed) {
      HTTP2Frame.headers($0) + HTTP2Frame.data($0, thousand)
        + HTTP2Frame.headers($0, HTTP2Frame.field("x-trailer", "1"))
    },
    wrong("early-hints", is: ["ok"]) {
      HTTP2Frame.headers($0, HTTP2Frame.field(":status", "103") + HTTP2Frame.field("link", "</style.css>")) + whole($0)
    },
  ]

  private static func block(_ name: String, is outcomes: Set<String> = wrong, _ block: [UInt8]) -> Fault {
    wrong(name, is: outcomes) {
      HTTP2Frame.headers($0, block) + HTTP2Frame.data($0, Array(page.utf8), ends: true)
    }
  }

  static let blocks: [Fault] = [
    block("no-status", HTTP2Frame.field("content-type", "text/html")),
    block("two-statuses", HTTP2Frame.status200 + HTTP2Frame.status200),
    block("status-of-letters", HTTP2Frame.field(":status", "abc")),
    block("status-after-fields", HTTP2Frame.field("content-type", "text/html") + HTTP2Frame.status200),
    block("request-in-answer", HTTP2Frame.status200 + HTTP2Frame.field(":path", "/")),
    block("unheard-of-pseudo-field", HTTP2Frame.status200 + HTTP2Frame.field(":surprise", "1")),
    block("capitals-in-name", HTTP2Frame.status200 + HTTP2Frame.field("X-Capital", "1")),
    block("line-end-in-value", HTTP2Frame.status200 + HTTP2Frame.field("x-split", "a\r\nx-other: b")),
    block("nul-in-value", HTTP2Frame.status200 + HTTP2Frame.field("x-nul", "a\0b")),
    block("empty-name", HTTP2Frame.status200 + HTTP2Frame.field("", "1")),
    block(
      "connection-field", is: ["protocol_error", "reset", "ok"],
      HTTP2Frame.status200 + HTTP2Frame.field("connection", "close")),
    block(
      "chunked", is: ["protocol_error", "reset", "ok"],
      HTTP2Frame.status200 + HTTP2Frame.field("transfer-encoding", "chunked")),
    block("length-too-short", HTTP2Frame.status200 + HTTP2Frame.field("content-length", "3")),
    block("length-too-long", HTTP2Frame.status200 + HTTP2Frame.field("content-length", "3000")),
    block(
      "two-lengths",
      HTTP2Frame.status200 + HTTP2Frame.field("content-length", "3") + HTTP2Frame.field("content-length", "4")),
    block("index-of-zero", [0x80]),
    block("index-beyond-table", HTTP2Frame.status200 + [0xFF, 0x80, 0x01]),
    block("integer-without-end", HTTP2Frame.status200 + [UInt8](repeating: 0xFF, count: 40)),
    block("string-longer-than-block", HTTP2Frame.status200 + [0x00, 0x01, 0x78, 0x7F, 0xFF, 0xFF, 0x7F]),
    block("huffman-of-nothing", HTTP2Frame.status200 + [0x00, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x78]),
    block("table-larger-than-agreed", [0x3F, 0xFF, 0xFF, 0xFF, 0x7F] + HTTP2Frame.status200),
    block("status-101", HTTP2Frame.field(":status", "101")),
    block("no-content-with-body", is: ["ok", "protocol_error", "reset"], HTTP2Frame.field(":status", "204")),
  ]
}
