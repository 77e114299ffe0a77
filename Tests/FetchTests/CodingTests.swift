import EventLoop
import Fetch
import Testing

@Suite struct CodingTests {
  private static func serve(_ coding: String, _ body: [UInt8]) -> Answer {
    { _, connection in
      try await connection.write(fields(coding, body))
      try await connection.write(body)
    }
  }

  private static func fields(_ coding: String, _ body: [UInt8]) -> String {
    head(["Content-Encoding: \(coding)", "Content-Length: \(body.count)"])
  }

  @Test(arguments: [
    ("gzip", "H4sIAAAAAAACA8tIzcnJ11FIzs8tKEotLk5NUSjPL8pJAQAInjQ1FwAAAA=="),
    ("br", "GxYAAAQ8ZKl+XW2IJgfZZJWsMM/TC3/9GgQ="),
    ("zstd", "KLUv/SAXuQAAaGVsbG8sIGNvbXByZXNzZWQgd29ybGQ="),
  ])
  func `a coded body is decoded`(coding: String, text: String) throws {
    let bytes = base64(text)
    try Stage.run(answer: CodingTests.serve(coding, bytes)) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .ok)
      #expect(response.text == "hello, compressed world")
      #expect(response.wireBytes == CodingTests.fields(coding, bytes).utf8.count + bytes.count)
      #expect(await stage.fetcher.statistics.wireBytes == response.wireBytes)
      #expect(response.bodyBytes == 23)
      #expect(response.contentEncoding == coding)
    }
  }

  @Test(arguments: ["utf-8", "none", "gzip, unheard-of"])
  func `a coding that nobody knows is none`(coding: String) throws {
    try Stage.run(answer: CodingTests.serve(coding, Array("as it is".utf8))) { stage in
      for _ in 0..<2 {
        let response = await stage.fetch()
        #expect(response.outcome == .ok)
        #expect(response.text == "as it is")
      }
    }
  }

  @Test func `a handle that once did not decode decodes again`() throws {
    let bytes = base64("H4sIAAAAAAACA8tIzcnJ11FIzs8tKEotLk5NUSjPL8pJAQAInjQ1FwAAAA==")
    try Stage.run(answer: { request, connection in
      let coding = request.target == "/odd" ? "odd" : "gzip"
      try await CodingTests.serve(coding, bytes)(request, connection)
    }) { stage in
      #expect(await stage.fetch("/odd").body == bytes)
      #expect(await stage.fetch("/gzip").text == "hello, compressed world")
    }
  }

  @Test func `a body that is not in its coding is a protocol error`() throws {
    try Stage.run(answer: CodingTests.serve("gzip", Array("plain text".utf8))) { stage in
      #expect(await stage.fetch().outcome == .protocolError)
    }
  }

  @Test func `39 bytes that grow to 20 MiB are a bomb`() throws {
    let bytes = base64("y///PwAkAOKxQHLv//j//weABEAcFoDu/V/+//8AkACIwwLQvf8B")
    try Stage.run(answer: CodingTests.serve("br", bytes)) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .bomb)
      #expect(response.body.isEmpty)
      #expect(response.bodyBytes <= 2 << 20)
      #expect(response.wireBytes == CodingTests.fields("br", bytes).utf8.count + bytes.count)
    }
  }

  @Test func `a bomb in two layers of gzip is a bomb`() throws {
    let text =
      "H4sIAAAAAAACA+3bPQ4BARAG0F2rQOKnkCgUHEKhkdCoNWpxALXSJqLSaJzDGXRuIDoHEBGFSrC7Z1Bt3qum/rr5MtPZloJUIbodwzAZ4t3ncC9V"
      + "AgAAACDn4ss6SsuAoPs9jydTAAAAIO/m9VoxKwXes/ZIHAAAAJB7m0G/kV0IPFeLojgAAAAg9/ava5xWAcPT91wte5oAAACAf3g0W71lP9m3wx8B"
      + "3INhtU8AAA=="
    try Stage.run(answer: CodingTests.serve("gzip, gzip", base64(text))) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .bomb)
      #expect(response.bodyBytes <= 2 << 20)
    }
  }

  @Test func `three layers are refused unread`() throws {
    let text = "H4sIAAAAAAACA5Pv5mAAASbmye+fJTAwqj27LJfuPy8lPSNaLeEYlwgDw/L8La6SQBUA08gZFioAAAA="
    try Stage.run(answer: CodingTests.serve("gzip, gzip, gzip", base64(text))) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .bomb)
      #expect(response.bodyBytes == 0)
    }
  }

  @Test func `more layers than libcurl takes are a bomb as well`() throws {
    let codings = [String](repeating: "gzip", count: 20).joined(separator: ", ")
    try Stage.run(answer: CodingTests.serve(codings, Array("nothing".utf8))) { stage in
      #expect(await stage.fetch().outcome == .bomb)
    }
  }

  @Test func `two layers are read if the body is announced and small`() throws {
    // hello, compressed world
    let text =
      "H4sIAAAAAAACA5Pv5mAAASbm0x5nT568Huhx7ryuhpeunp9voMZ5/VOejAwc80xMxYFKAHI5hhYrAAAA"
    try Stage.run(answer: CodingTests.serve("gzip, gzip", base64(text))) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .ok)
      #expect(response.text == "hello, compressed world")
    }
  }

  @Test func `layers that decode to nothing end as a bomb`() throws {
    // Inside: a gzip stream of empty blocks, which never yields a byte. Outside: the same block over and over.
    let inner = gzipHeader + [0, 0, 0, 0xFF, 0xFF]
    let outer = gzipRepeating(inner, unit: 5, times: 130_000)
    try Stage.run(answer: CodingTests.serve("gzip, gzip", outer)) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .bomb)
      #expect(response.bodyBytes == 0)
    }
  }

  @Test func `what one coding unpacks for another is bounded though nothing comes of it`() throws {
    // In brotli: a page in gzip, and 12 MiB of zeros behind its stream, which the inner coding passes over.
    let text =
      "y///PwBENzc0aGlWUxJBwfIWHvrhobSHlygPFoCwo/jQ+z/iWp49j/DjboHUAAACIAEQhwVQff8D"
    try Stage.run(answer: CodingTests.serve("gzip, br", base64(text))) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .bomb, "\(response.error ?? "")")
    }
  }

  @Test func `a coded body that decodes to nothing is too large`() throws {
    // Empty blocks without end, in one layer.
    let blocks = (0..<3_200).flatMap { _ in [0, 0, 0, 0xFF, 0xFF] as [UInt8] }
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Content-Encoding: gzip"]))
      try await connection.write(gzipHeader)
      while true { try await connection.write(blocks) }
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .tooLarge)
      #expect(response.bodyBytes == 0)
      // One look takes it at most a hundred buffers further.
      #expect((1 << 20..<3 << 20).contains(response.wireBytes))
    }
  }
}

private let gzipHeader: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]

/// A gzip stream without an end, of literals and then `times` copies of 258 bytes from `unit` bytes back, written with
/// the fixed codes of RFC 1951 section 3.2.6.
private func gzipRepeating(_ literals: [UInt8], unit: Int, times: Int) -> [UInt8] {
  var bytes = gzipHeader
  var pending: UInt32 = 0
  var count: UInt32 = 0
  func put(_ value: UInt32, _ bits: UInt32) {
    pending |= value << count
    count += bits
    while count >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: pending))
      pending >>= 8
      count -= 8
    }
  }
  func putCode(_ code: UInt32, _ bits: UInt32) {
    for bit in (0..<bits).reversed() { put(code >> bit & 1, 1) }
  }
  put(1, 1)
  put(1, 2)
  for byte in literals {
    if byte < 144 { putCode(0x30 + UInt32(byte), 8) } else { putCode(0x190 + UInt32(byte) - 144, 9) }
  }
  precondition(unit == 5, "the distance code below is the one for 5 and 6, with one extra bit")
  for _ in 0..<times {
    putCode(0xC5, 8)
    putCode(4, 5)
    put(0, 1)
  }
  return bytes
}

func base64(_ text: String) -> [UInt8] {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var bytes: [UInt8] = []
  var pending = 0
  var bits = 0
  for character in text.utf8 {
    guard let value = alphabet.firstIndex(of: character) else { break }
    pending = (pending << 6 | value) & 0xFFFF
    bits += 6
    if bits >= 8 {
      bits -= 8
      bytes.append(UInt8(truncatingIfNeeded: pending >> bits))
    }
  }
  return bytes
}
