/// Bodies that a reader has to survive.
extension Fault {
  package static let terminalEscapes = Fault(
    "terminal-escapes", is: ["ok"],
    html("<!doctype html><title>\u{1B}]0;owned\u{7}\u{1B}[2J\u{9B}31m\u{202E}gpj.exe\u{7F}</title>"))

  static let bodies: [Fault] = [terminalEscapes] + plain + markup + coded

  private static func html(_ text: String) -> [WireStep] { [.send(Response.html(text))] }

  private static func body(_ fields: [String], _ bytes: [UInt8]) -> [WireStep] {
    [.send(Response(fields: fields, body: bytes))]
  }

  private static func random(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: SeededNumbers(seed: 9).draw(UInt64($0))) }
  }

  private static let plain: [Fault] = [
    Fault(
      "endless-body", is: ["too_large"], limit: .total,
      [.send(pageHead + "Connection: close\r\n\r\n"), .sendForever(thousand)]),
    Fault(
      "endless-chunks", is: ["too_large"], limit: .total,
      [
        .send(chunkedHead), .sendForever("3e8\r\n\(String(repeating: "x", count: 1_000))\r\n"),
      ]),
    Fault("empty-page", is: ["ok"], html("")),
    Fault("no-content", is: ["ok"], [.send(Response(status: 204))]),
    Fault("reset-content", is: ["ok"], [.send(Response(status: 205))]),
    Fault("not-modified", is: ["protocol_error"], [.send(Response(status: 304))]),
    Fault("binary", is: ["ok"], body(["Content-Type: application/octet-stream"], random(2_000))),
    Fault("binary-as-page", is: ["ok"], body(["Content-Type: text/html; charset=utf-8"], random(200_000))),
    Fault("page-of-nuls", is: ["ok"], body(["Content-Type: text/html"], [UInt8](repeating: 0, count: 1 << 20))),
    Fault("page-as-image", is: ["ok"], body(["Content-Type: image/png"], Array(page.utf8))),
    Fault("unheard-of-charset", is: ["ok"], body(["Content-Type: text/html; charset=x-\u{1B}[31m"], Array(page.utf8))),
    Fault(
      "broken-utf-8", is: ["ok"],
      body(["Content-Type: text/html; charset=utf-8"], [0xC3, 0x28, 0xF8, 0x80] + Array(page.utf8))),
    Fault(
      "utf-16-without-mark", is: ["ok"],
      body(
        ["Content-Type: text/html; charset=utf-16le"],
        Array(page.utf16).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } + [0x3C])),
  ]

  private static let markup: [Fault] = [
    Fault("deep-nesting", is: ["ok"], at: .answer { _, _ in html(String(repeating: "<div>", count: 100_000) + page) }),
    Fault(
      "deep-formatting", is: ["ok"], at: .answer { _, _ in html(String(repeating: "<b><a>", count: 50_000) + page) }),
    Fault(
      "many-links", is: ["ok"],
      at: .answer { _, _ in
        html("<!doctype html><title>many</title>" + (0..<20_000).map { "<a href=\"/many/\($0)\">\($0)</a>\n" }.joined())
      }),
    Fault(
      "long-link", is: ["ok"],
      at: .answer { _, _ in
        html("<title>long</title><a href=\"/\(String(repeating: "long", count: 250_000))\">long</a>")
      }),
    Fault(
      "many-attributes", is: ["ok"],
      at: .answer { _, _ in html("<a \((0..<100_000).map { "a\($0)=1 " }.joined())>all of them</a>\(page)") }),
    Fault("one-long-line", is: ["ok"], at: .answer { _, _ in html(page + String(repeating: "x", count: 2 << 20)) }),
    Fault(
      "unclosed-comment", is: ["ok"],
      at: .answer { _, _ in html(page + "<!--" + String(repeating: "-", count: 1 << 20)) }),
    Fault(
      "unclosed-script", is: ["ok"],
      at: .answer { _, _ in html(page + "<script>" + String(repeating: "</scrip", count: 100_000)) }),
    Fault(
      "flood-of-references", is: ["ok"],
      at: .answer { _, _ in html(page + String(repeating: "&ampamp;&#x;&#99999999;", count: 50_000)) }),
    Fault("base-of-script", is: ["ok"], html("<base href=\"javascript:alert(1)//\"><a href=x>x</a>" + page)),
    Fault("refresh-to-itself", is: ["ok"], html("<meta http-equiv=refresh content=\"0\">" + page)),
  ]

  private static let coded: [Fault] = [
    Fault("not-gzip", is: ["protocol_error"], body(["Content-Encoding: gzip"], Array(page.utf8))),
    Fault("not-brotli", is: ["protocol_error"], body(["Content-Encoding: br"], [0xFF] + random(500))),
    Fault("not-zstd", is: ["protocol_error"], body(["Content-Encoding: zstd"], Array(page.utf8))),
    Fault("not-deflate", is: ["protocol_error"], body(["Content-Encoding: deflate"], [0xFF] + random(500))),
    Fault(
      "gzip-cut-short", is: ["truncated"],
      body(
        ["Content-Encoding: gzip"], Gzip.stored(Array(page.utf8)).dropLast(20))),
    Fault(
      "gzip-with-wrong-checksum", is: ["protocol_error"],
      body(
        ["Content-Encoding: gzip"], Array(Gzip.stored(Array(page.utf8)).dropLast(8)) + [1, 2, 3, 4, 5, 6, 7, 8])),
    Fault(
      "gzip-and-more-after", is: ["ok"],
      body(
        ["Content-Encoding: gzip"], Gzip.stored(Array(page.utf8)) + Array("after the end".utf8))),
    Fault(
      "gzip-of-two-members", is: ["ok"],
      body(
        ["Content-Encoding: gzip"], Gzip.stored(Array(page.utf8)) + Gzip.stored(Array(page.utf8)))),
    Fault("gzip-of-nothing", is: ["ok"], body(["Content-Encoding: gzip"], Gzip.stored([]))),
    Fault("empty-gzip", is: ["ok"], body(["Content-Encoding: gzip"], [])),
    Fault(
      "brotli-cut-short", is: ["truncated"],
      body(
        ["Content-Encoding: br"], Array(Brotli.stored(Array(page.utf8)).dropLast(20)))),
    Fault(
      "zstd-cut-short", is: ["truncated"],
      body(
        ["Content-Encoding: zstd"], Array(Zstandard.stored(Array(page.utf8)).dropLast(20)))),
    Fault(
      "zstd-with-huge-window", is: ["protocol_error"],
      body(
        ["Content-Encoding: zstd"],
        Zstandard.head(windowBits: 31) + Zstandard.block(runOf: 0x78, count: 1_000, isLast: true))),
    Fault("unheard-of-coding", is: ["ok"], body(["Content-Encoding: compress-me"], Array(page.utf8))),
    Fault("coding-without-name", is: ["ok"], body(["Content-Encoding: ,,"], Array(page.utf8))),
  ]
}
