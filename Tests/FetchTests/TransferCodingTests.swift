import EventLoop
import Fetch
import Testing

/// Transfer-Encoding, and what it does to the limits of Content-Encoding.
@Suite struct TransferCodingTests {
  /// "hello, compressed world" in gzip.
  private static let once = "H4sIAAAAAAACA8tIzcnJ11FIzs8tKEotLk5NUSjPL8pJAQAInjQ1FwAAAA=="
  /// The same, in gzip of gzip.
  private static let twice =
    "H4sIAAAAAAACA5Pv5mAAASbm0x5nT568Huhx7ryuhpeunp9voMZ5/VOejAwc80xMxYFKAHI5hhYrAAAA"

  private static func serve(_ fields: [String], _ body: [UInt8]) -> Answer {
    { _, connection in
      try await connection.write(head(fields))
      try await connection.write(body)
      // A body without a length ends here.
      connection.close()
    }
  }

  private static func chunked(_ body: [UInt8]) -> [UInt8] {
    Array("\(String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8)
  }

  @Test(arguments: [
    ["Transfer-Encoding: gzip, chunked"], ["transfer-encoding:\tGZip ,chunked"],
    ["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"], ["Transfer-Encoding: chunked, x-gzip"],
    ["Transfer-Encoding: gzip, gzip, gzip, chunked"], ["Transfer-Encoding: identity, gzip, chunked"],
    ["Transfer-Encoding: ,, br, chunked"], ["Transfer-Encoding: zstd, chunked"],
    ["Transfer-Encoding: deflate, chunked"],
    ["Transfer-Encoding: unheard-of, chunked"], ["Transfer-Encoding: chunked\r\n gzip"],
  ])
  func `a compressed transfer is refused unread`(fields: [String]) throws {
    let body = TransferCodingTests.chunked(base64(TransferCodingTests.once))
    try Stage.run(answer: TransferCodingTests.serve(fields, body)) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .bomb)
      #expect(response.error == "the transfer is compressed, which was not asked for")
      #expect(response.bodyBytes == 0)
      #expect(stage.statistics.openSockets == 0)
    }
  }

  @Test func `a compressed transfer without chunks is refused unread`() throws {
    let body = base64(TransferCodingTests.once)
    try Stage.run(answer: TransferCodingTests.serve(["Transfer-Encoding: gzip"], body)) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .bomb)
      #expect(response.bodyBytes == 0)
    }
  }

  @Test(arguments: ["chunked", "Chunked", "identity, chunked", ", chunked ,"])
  func `chunks alone are a transfer like any other`(coding: String) throws {
    let body = TransferCodingTests.chunked(base64(TransferCodingTests.once))
    let fields = ["Transfer-Encoding: \(coding)", "Content-Encoding: gzip"]
    try Stage.run(answer: TransferCodingTests.serve(fields, body)) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .ok)
      #expect(response.text == "hello, compressed world")
    }
  }

  @Test func `the codings of an interim response are none of the answer's`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(
        head(["Transfer-Encoding: gzip, chunked", "Content-Encoding: gzip"], status: "103 Early Hints") + ok("plain"))
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .ok)
      #expect(response.text == "plain")
    }
  }
}
