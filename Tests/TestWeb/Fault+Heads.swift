/// Status lines and header fields that are none (RFC 9112, sections 4 and 5).
extension Fault {
  static let heads: [Fault] = statusLines + fields + floods

  private static func line(_ line: String) -> [WireStep] {
    [.send("\(line)\r\nContent-Length: \(page.utf8.count)\r\n\r\n\(page)"), .close]
  }

  private static let statusLines: [Fault] = [
    Fault(
      "garbage", is: ["protocol_error"],
      [
        .send((0..<512).map { UInt8(truncatingIfNeeded: SeededNumbers(seed: 7).draw($0)) }), .close,
      ]),
    Fault("old-protocol", is: ["protocol_error"], [.send(page), .close]),
    Fault("bad-status", is: ["protocol_error"], line("HTTP/1.1 99999 Surprise")),
    Fault("status-line-only", is: ["ok"], [.send("HTTP/1.1 200\r\n\r\n"), .close]),
    Fault("status-without-phrase", is: ["ok"], line("HTTP/1.1 200")),
    Fault("status-of-two-digits", is: ["protocol_error"], line("HTTP/1.1 20 OK")),
    Fault("status-of-four-digits", is: ["protocol_error"], line("HTTP/1.1 2000 OK")),
    Fault("status-of-letters", is: ["protocol_error"], line("HTTP/1.1 abc OK")),
    Fault("negative-status", is: ["protocol_error"], line("HTTP/1.1 -200 OK")),
    Fault("status-000", is: ["protocol_error"], line("HTTP/1.1 000 OK")),
    Fault("status-099", is: ["protocol_error"], line("HTTP/1.1 099 OK")),
    Fault("status-999", is: ["server_error"], line("HTTP/1.1 999 Request denied")),
    Fault("status-line-in-lower-case", is: ["ok"], line("http/1.1 200 ok")),
    Fault("version-without-number", is: ["protocol_error"], line("HTTP/ 200 OK")),
    Fault("version-1.2", is: ["protocol_error"], line("HTTP/1.2 200 OK")),
    Fault("version-2-in-text", is: ["ok"], line("HTTP/2 200 OK")),
    Fault("version-9.9", is: ["protocol_error"], line("HTTP/9.9 200 OK")),
    Fault("icy-status-line", is: ["protocol_error"], line("ICY 200 OK")),
    Fault("spaces-in-status-line", is: ["ok"], line("HTTP/1.1   200   OK")),
    Fault("tabs-in-status-line", is: ["protocol_error"], line("HTTP/1.1\t200\tOK")),
    Fault("nul-in-status-line", is: ["protocol_error"], line("HTTP/1.1 200 O\0K")),
    Fault("two-status-lines", is: ["protocol_error"], line("HTTP/1.1 200 OK\r\nHTTP/1.1 404 Not Found")),
    Fault("empty-lines-before", is: ["protocol_error"], line("\r\n\r\nHTTP/1.1 200 OK")),
    Fault("request-as-answer", is: ["protocol_error"], line("GET / HTTP/1.1")),
    Fault(
      "endless-status-line", is: ["header_limit", "protocol_error"], [.send("HTTP/1.1 200 "), .sendForever(thousand)]),
    Fault("endless-bytes", is: ["protocol_error", "header_limit"], [.sendForever(thousand)]),
    Fault(
      "endless-zeros", is: ["protocol_error", "header_limit"], [.sendForever([UInt8](repeating: 0, count: 1_000))]),
    Fault(
      "endless-line-ends", is: ["protocol_error", "header_limit"], [.sendForever(String(repeating: "\r\n", count: 500))]
    ),
  ]

  private static func field(_ text: String) -> [WireStep] {
    [.send("\(pageHead)\(text)\r\nContent-Length: \(page.utf8.count)\r\n\r\n\(page)"), .close]
  }

  private static let fields: [Fault] = [
    Fault("nul-in-header", is: ["protocol_error"], field("X-Nul: a\0b")),
    Fault("nul-in-header-name", is: ["protocol_error"], field("X-\0Nul: a")),
    Fault("folded-header", is: ["ok"], field("X-Folded: one;\r\n two")),
    Fault(
      "folded-first-line", is: ["protocol_error"],
      [
        .send("HTTP/1.1 200 OK\r\n Folded: yes\r\nContent-Length: \(page.utf8.count)\r\n\r\n\(page)"), .close,
      ]),
    Fault("header-without-colon", is: ["protocol_error"], field("no colon at all")),
    Fault("header-without-name", is: ["ok"], field(": no name")),
    Fault("space-before-colon", is: ["ok", "protocol_error"], field("X-Space : yes")),
    Fault(
      "length-with-space-before-colon", is: ["ok"],
      [
        .send(pageHead + "Content-Length : 10\r\n\r\n0123456789"), .close,
      ]),
    Fault("bare-return-in-header", is: ["ok"], field("X-Return: a\rX-Hidden: b")),
    Fault(
      "lines-of-line-feeds", is: ["ok"],
      [
        .send("HTTP/1.1 200 OK\nContent-Length: \(page.utf8.count)\n\n\(page)"), .close,
      ]),
    Fault(
      "lines-of-returns", is: ["reset"],
      [
        .send("HTTP/1.1 200 OK\rContent-Length: \(page.utf8.count)\r\r\(page)"), .close,
      ]),
    Fault(
      "latin-1-in-header", is: ["ok"],
      [
        .send(
          Array(pageHead.utf8) + Array("X-Name: ".utf8) + [0xE9, 0xFF, 0x80]
            + Array("\r\nContent-Length: 0\r\n\r\n".utf8))
      ]),
    Fault("controls-in-header", is: ["ok"], field("X-Bell: \u{7}\u{1B}[2J\u{8}")),
    Fault("two-content-types", is: ["ok"], field("Content-Type: image/png")),
    Fault(
      "connection-header-lies", is: ["ok"],
      [
        .send(pageHead + "Connection: keep-alive\r\nContent-Length: \(page.utf8.count)\r\n\r\n" + page), .close,
      ]),
  ]

  private static let floods: [Fault] = [
    Fault(
      "huge-headers", is: ["header_limit"],
      at: .answer { _, _ in
        let filler = String(repeating: "y", count: 1_000)
        let fields = (0..<400).map { "X-Filler-\($0): \(filler)\r\n" }.joined()
        return [.send(pageHead + fields + "Content-Length: 0\r\n\r\n"), .close]
      }),
    Fault(
      "endless-headers", is: ["header_limit"],
      [
        .send(pageHead), .sendForever("X-Filler: \(String(repeating: "y", count: 1_000))\r\n"),
      ]),
    Fault("endless-header", is: ["header_limit"], [.send(pageHead + "X-Filler: "), .sendForever(thousand)]),
    Fault("endless-header-name", is: ["header_limit", "protocol_error"], [.send(pageHead), .sendForever(thousand)]),
    Fault(
      "endless-folding", is: ["header_limit"], [.send(pageHead + "X-Folded: a\r\n"), .sendForever(" and more\r\n")]),
    Fault("endless-empty-headers", is: ["header_limit"], [.send(pageHead), .sendForever("A:\r\n")]),
    Fault(
      "many-headers", is: ["ok"],
      at: .answer { _, _ in field(String(repeating: "a: b\r\n", count: 20_000) + "X-Last: one") }),
    Fault(
      "many-cookies", is: ["ok"],
      at: .answer { _, _ in field((0..<2_000).map { "Set-Cookie: c\($0)=\($0)\r\n" }.joined() + "X-Last: one") }),
    Fault(
      "long-header", is: ["ok"],
      at: .answer { _, _ in field("X-Long: " + String(repeating: "l", count: 90_000)) }),
    Fault(
      "too-long-header", is: ["header_limit"],
      at: .answer { _, _ in field("X-Long: " + String(repeating: "l", count: 290_000)) }),
    Fault(
      "many-link-headers", is: ["ok"],
      at: .answer { _, _ in field((0..<3_000).map { "Link: </l/\($0)>; rel=next\r\n" }.joined() + "X-Last: one") }),
  ]

  static let interims: [Fault] = [
    Fault(
      "early-hints", is: ["ok"],
      [
        .send("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"), wholePage,
      ]),
    Fault("endless-continue", is: ["header_limit"], [.sendForever("HTTP/1.1 100 Continue\r\n\r\n")]),
    Fault(
      "endless-hints", is: ["header_limit"],
      [
        .sendForever("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
      ]),
    Fault(
      "thousand-continues", is: ["ok"],
      [
        .send(String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 1_000)), wholePage,
      ]),
    Fault(
      "continue-and-silence", is: ["first_byte_timeout"], limit: .firstByte,
      [
        .send("HTTP/1.1 100 Continue\r\n\r\n"), .hold,
      ]),
    Fault("continue-and-close", is: ["reset"], [.send("HTTP/1.1 100 Continue\r\n\r\n"), .close]),
    Fault("continue-and-reset", is: ["reset"], [.send("HTTP/1.1 100 Continue\r\n\r\n"), .reset]),
    Fault(
      "switching-protocols", is: ["protocol_error"],
      [
        .send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"), wholePage,
        .close,
      ]),
    Fault("interim-199", is: ["ok"], [.send("HTTP/1.1 199 Whatever\r\n\r\n"), wholePage]),
    Fault(
      "interim-with-length", is: ["ok"], [.send("HTTP/1.1 102 Processing\r\nContent-Length: 7\r\n\r\n"), wholePage]),
    Fault(
      "interim-redirect", is: ["ok"],
      [
        .send("HTTP/1.1 103 Early Hints\r\nLocation: /elsewhere\r\nContent-Encoding: gzip\r\n\r\n"), wholePage,
      ]),
  ]
}
