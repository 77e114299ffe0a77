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

  @Test(arguments: [
    // The length that libcurl does not go by.
    ["Transfer-Encoding: chunked", "Content-Length: 60"], ["Content-Length: 60", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: identity", "Content-Length: 60"],
    // None that can be relied upon.
    ["Transfer-Encoding: chunked"], [], ["Content-Length: 60x"], ["Content-Length: 32769"],
  ])
  func `two layers are refused unless their length is certain`(fields: [String]) throws {
    let isChunked = fields.contains { $0.hasSuffix("chunked") }
    let body = base64(TransferCodingTests.twice)
    let fields = ["Content-Encoding: gzip, gzip"] + fields
    try Stage.run(
      answer: TransferCodingTests.serve(fields, isChunked ? TransferCodingTests.chunked(body) : body)
    ) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .bomb)
      #expect(response.bodyBytes == 0)
    }
  }

  @Test(arguments: ["Content-Length: 60\r\nContent-Length: 60", "Content-Length: 60, 60", "Content-Length: 060"])
  func `two layers with one length, said once or twice, are read`(fields: String) throws {
    let body = base64(TransferCodingTests.twice)
    #expect(body.count == 60)
    try Stage.run(
      answer: TransferCodingTests.serve(["Content-Encoding: gzip", "Content-Encoding: gzip", fields], body)
    ) {
      stage in
      let response = await stage.fetch()
      #expect(response.outcome == .ok)
      #expect(response.text == "hello, compressed world")
    }
  }

  @Test(arguments: [
    ["Content-Length: 4", "Content-Length: 5"], ["Content-Length: 5", "Content-Length: 4"],
    ["Content-Length: 5", "Content-Length: 5, 6"], ["Content-Length: 5, 6"],
    ["Content-Length: 5", "Content-Length: 5x"],
    ["Content-Length: 60", "Content-Length: 200000", "Content-Encoding: gzip, gzip"],
    ["Content-Length: 4", "Transfer-Encoding: chunked", "Content-Length: 5"],
    ["Content-Length: 5", "Content-Length: 18446744073709551621"],
  ])
  func `lengths that contradict each other are a protocol error`(fields: [String]) throws {
    try Stage.run(answer: TransferCodingTests.serve(fields, Array("12345".utf8))) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .protocolError)
      #expect(response.bodyBytes == 0)
      #expect(stage.statistics.openSockets == 0)
    }
  }

  /// libcurl would wait for the end of the connection, which is kept.
  @Test(arguments: [("hello", 5), ("hello, and what is no part of it", 5), ("", 0)])
  func `a length beside identity is the body's`(sent: String, length: Int) throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Transfer-Encoding: identity", "Content-Length: \(length)"]) + sent)
    }) { stage in
      for _ in 0..<2 {
        let response = await stage.fetch { $0.limits.lowSpeedTime = .seconds(5) }
        #expect(response.outcome == .ok && !response.truncated, "\(response.error ?? "")")
        #expect(response.text == String(sent.prefix(length)) && response.bodyBytes == length)
      }
    }
  }

  @Test func `a coded body has the length that identity leaves it`() throws {
    let body = base64(TransferCodingTests.once)
    let fields = ["Transfer-Encoding: identity", "Content-Encoding: gzip", "Content-Length: \(body.count)"]
    try Stage.run(answer: { _, connection in
      try await connection.write(head(fields))
      try await connection.write(body)
    }) { stage in
      let response = await stage.fetch { $0.limits.lowSpeedTime = .seconds(5) }
      #expect(response.outcome == .ok && response.text == "hello, compressed world", "\(response.error ?? "")")
    }
  }

  @Test func `a length beside chunks says nothing about the body`() throws {
    let body = TransferCodingTests.chunked(Array("hello".utf8))
    let fields = ["Content-Length: 99999999999", "Transfer-Encoding: chunked"]
    try Stage.run(answer: TransferCodingTests.serve(fields, body)) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .ok)
      #expect(response.text == "hello")
    }
  }
}
