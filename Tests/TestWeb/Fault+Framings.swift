/// Lengths and chunks that lie (RFC 9112, sections 6 and 7).
extension Fault {
  static let framings: [Fault] = lengths + chunks + codings

  private static func length(_ fields: String, _ body: String = "0123456789") -> [WireStep] {
    [.send(pageHead + fields + "\r\n\r\n" + body), .close]
  }

  private static let lengths: [Fault] = [
    Fault("truncated", is: ["truncated"], [.send(head(length: 10_000)), .send(thousand), .close]),
    Fault("longer-than-declared", is: ["ok"], [.send(head(length: 10)), .send(thousand), .close]),
    Fault("no-length", is: ["ok"], [.send(pageHead + "Connection: close\r\n\r\n" + page), .close]),
    Fault("extra-bytes-after", is: ["ok"], [wholePage, .send("and what nobody asked for"), .close]),
    // A second answer that nobody asked for: whoever takes it for the next one's has been split.
    Fault("second-answer", is: ["ok"], [wholePage, .send(Response.html("<title>smuggled</title>", status: 500))]),
    Fault("two-lengths", is: ["protocol_error"], length("Content-Length: 10\r\nContent-Length: 500")),
    Fault("two-equal-lengths", is: ["ok"], length("Content-Length: 10\r\nContent-Length: 10")),
    Fault("length-list", is: ["protocol_error"], length("Content-Length: 10, 500")),
    Fault("length-list-of-equals", is: ["ok"], length("Content-Length: 10, 10")),
    Fault("negative-length", is: ["protocol_error"], length("Content-Length: -5")),
    Fault("length-with-sign", is: ["protocol_error"], length("Content-Length: +10")),
    Fault("length-with-fraction", is: ["protocol_error"], length("Content-Length: 10.5")),
    Fault("length-in-hexadecimal", is: ["protocol_error"], length("Content-Length: 0x0a")),
    Fault("length-of-words", is: ["protocol_error"], length("Content-Length: ten")),
    Fault("empty-length", is: ["protocol_error"], length("Content-Length:")),
    Fault("length-with-zeros", is: ["ok"], length("Content-Length: 0000000000000000000000000010")),
    Fault("length-of-64-bits", is: ["too_large"], length("Content-Length: 9223372036854775807")),
    Fault("length-above-64-bits", is: ["too_large"], length("Content-Length: 18446744073709551626")),
    Fault("announces-a-gigabyte", is: ["too_large"], length("Content-Length: 1073741824")),
    Fault("zero-length-with-body", is: ["ok"], length("Content-Length: 0")),
  ]

  private static func chunk(_ body: String) -> [WireStep] { [.send(chunkedHead + body), .close] }

  private static let chunks: [Fault] = [
    Fault("truncated-chunk", is: ["truncated"], chunk("3e8\r\n0123456789")),
    Fault("missing-last-chunk", is: ["truncated"], chunk("a\r\n0123456789\r\n")),
    Fault("bad-chunk", is: ["protocol_error"], chunk("zz\r\n0123456789\r\n0\r\n\r\n")),
    Fault("empty-chunk-size", is: ["protocol_error"], chunk("\r\n0123456789\r\n0\r\n\r\n")),
    Fault("negative-chunk", is: ["protocol_error"], chunk("-a\r\n0123456789\r\n0\r\n\r\n")),
    Fault("chunk-with-0x", is: ["protocol_error"], chunk("0xa\r\n0123456789\r\n0\r\n\r\n")),
    Fault("huge-chunk-size", is: ["protocol_error"], chunk("ffffffffffffffffff\r\n0123456789")),
    Fault(
      "chunk-of-64-bits", is: ["truncated", "protocol_error", "too_large"], chunk("7fffffffffffffff\r\n0123456789")),
    Fault(
      "chunk-size-wraps", is: ["protocol_error", "truncated"], chunk("ffffffffffffffff\r\n0123456789\r\n0\r\n\r\n")),
    Fault(
      "endless-chunk-size", is: ["protocol_error"], [.send(chunkedHead), .sendForever("000000000000000000000000")]),
    Fault(
      "chunk-size-with-zeros", is: ["protocol_error"], chunk("0000000000000000000000a\r\n0123456789\r\n0\r\n\r\n")
    ),
    Fault("chunk-extension", is: ["ok"], chunk("a;name=\"value\"\r\n0123456789\r\n0;last\r\n\r\n")),
    Fault(
      "endless-chunk-extension", is: ["protocol_error", "too_large", "too_slow", "body_timeout"], limit: .total,
      [.send(chunkedHead + "a;"), .sendForever(thousand)]),
    Fault("chunk-longer-than-said", is: ["protocol_error"], chunk("3\r\n0123456789\r\n0\r\n\r\n")),
    Fault("chunks-of-line-feeds", is: ["ok"], chunk("a\n0123456789\n0\n\n")),
    Fault("chunk-without-line-end", is: ["protocol_error"], chunk("a\r\n01234567890\r\n\r\n")),
    Fault(
      "tiny-chunks", is: ["ok"],
      at: .answer { _, _ in
        [.send(chunkedHead + String(repeating: "1\r\nx\r\n", count: 50_000) + "0\r\n\r\n")]
      }),
    Fault(
      "endless-tiny-chunks", is: ["too_large", "body_timeout"], limit: .total,
      [
        .send(chunkedHead), .sendForever(String(repeating: "1\r\nx\r\n", count: 2_000)),
      ]),
    Fault(
      "endless-trailer", is: ["header_limit", "protocol_error"],
      [
        .send(chunkedHead + "3\r\n012\r\n0\r\n"), .sendForever("X-Trailer: and one more\r\n"),
      ]),
    Fault(
      "endless-trailer-line", is: ["header_limit", "protocol_error"],
      [
        .send(chunkedHead + "3\r\n012\r\n0\r\nX-Trailer: "), .sendForever(thousand),
      ]),
    Fault("trailer-with-length", is: ["ok"], chunk("a\r\n0123456789\r\n0\r\nContent-Length: 3\r\n\r\n")),
  ]

  private static let codings: [Fault] = [
    Fault(
      "length-and-chunked", is: ["ok"],
      length("Content-Length: 3\r\nTransfer-Encoding: chunked", "a\r\n0123456789\r\n0\r\n\r\n")),
    Fault(
      "chunked-twice", is: ["ok"],
      [
        .send(pageHead + "Transfer-Encoding: chunked, chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"), .close,
      ]),
    Fault(
      "chunked-but-is-not", is: ["protocol_error"],
      [
        .send(pageHead + "Transfer-Encoding: chunked\r\n\r\n" + page), .close,
      ]),
    Fault("unheard-of-transfer-coding", is: ["bomb"], length("Transfer-Encoding: xchunked", page)),
    Fault("identity-transfer-coding", is: ["ok"], length("Transfer-Encoding: identity", page)),
    Fault("transfer-coding-of-gzip", is: ["bomb"], length("Transfer-Encoding: gzip", page)),
    Fault(
      "chunked-in-http-1.0", is: ["ok"],
      [
        .send("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"), .close,
      ]),
    Fault(
      "no-content-with-body", is: ["ok"], [.send("HTTP/1.1 204 None\r\nContent-Length: 10\r\n\r\n0123456789"), .close]),
    Fault(
      "not-modified-with-body", is: ["protocol_error"],
      [
        .send("HTTP/1.1 304 Same\r\nContent-Length: 10\r\n\r\n0123456789"), .close,
      ]),
  ]
}
