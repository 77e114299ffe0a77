import EventLoop
import Fetch
import TestWeb
import Testing

/// Bodies in gzip, and in the other codings, as servers send them: browsers show what is there.
@Suite struct GzipTests {
  private static let text = "hello, compressed world"
  private static let whole = Gzip.stored(Array(text.utf8))
  private static let twoMembers = Gzip.stored(Array("hello, ".utf8)) + Gzip.stored(Array("compressed world".utf8))

  /// In pieces of so many bytes, each of which libcurl hands on by itself.
  private static func serve(
    _ body: [UInt8], coding: String = "gzip", status: String = "200 OK", in pieces: Int = .max
  ) -> Answer {
    { _, connection in
      try await connection.write(head(["Content-Encoding: \(coding)", "Transfer-Encoding: chunked"], status: status))
      var rest = body[...]
      while !rest.isEmpty {
        let piece = rest.prefix(pieces)
        rest = rest.dropFirst(piece.count)
        try await connection.write(Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8))
      }
      try await connection.write("0\r\n\r\n")
    }
  }

  @Test(
    arguments: [
      ("the stream alone", whole), ("zeros", whole + [0, 0, 0, 0, 0, 0, 0, 0]), ("a zero", whole + [0]),
      ("a line break", whole + Array("\r\n".utf8)), ("a comment", whole + Array("<!-- made in 0.1 s -->".utf8)),
      ("two members", twoMembers), ("two members and zeros", twoMembers + [0, 0, 0]),
      ("an empty member", whole + Gzip.stored([])), ("what begins like a member", whole + [0x1F, 0x20, 0x20]),
      ("zlib's format", Gzip.zlib(Array(text.utf8))), ("a part of the checksum", Array(whole.dropLast(5))),
      ("no checksum", Array(twoMembers.dropLast(8))),
    ], [1, 3, Int.max])
  func `members are one body, and what follows them is none of it`(body: (String, [UInt8]), pieces: Int) throws {
    try Stage.run(answer: GzipTests.serve(body.1, in: pieces)) { stage in
      for _ in 1...2 {
        let response = await stage.fetch()
        #expect(response.outcome == .ok, "\(body.0)")
        #expect(response.text == GzipTests.text, "\(body.0)")
        #expect(response.bodyBytes == 23)
        #expect(!response.truncated)
      }
      // Nothing of it keeps the connection from being used again.
      #expect(stage.server.connections == 1)
    }
  }

  @Test(arguments: [whole.dropLast(20), whole.dropLast(9), twoMembers.dropLast(9), whole.prefix(1)].map { Array($0) })
  func `a stream that ends early is truncated`(body: [UInt8]) throws {
    try Stage.run(answer: { request, connection in
      let status = request.target == "/missing" ? "404 Not Found" : "200 OK"
      try await GzipTests.serve(body, status: status)(request, connection)
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .truncated)
      #expect(response.truncated)
      #expect(response.error == "the body's gzip stream ends early")
      // Nobody reads the body of such an answer.
      let missing = await stage.fetch("/missing")
      #expect(missing.outcome == .clientError)
      #expect(missing.truncated)
    }
  }

  @Test func `a body without a byte is whole`() throws {
    try Stage.run(answer: GzipTests.serve([])) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .ok)
      #expect(!response.truncated)
    }
  }

  /// The length of a stored block, the checksum of the only member, that of the second one.
  @Test(arguments: [(whole, 13), (whole, whole.count - 8), (twoMembers, twoMembers.count - 8)])
  func `a stream that is broken is a protocol error`(body: [UInt8], place: Int) throws {
    var body = body
    body[place] ^= 1
    let broken = body
    try Stage.run(answer: GzipTests.serve(broken)) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .protocolError)
      #expect(response.error?.hasPrefix("the body's gzip stream is broken: ") == true)
      #expect(response.truncated)
    }
  }

  /// Streams of the other codings; how many of their last bytes are a checksum, which nobody misses.
  private static let others: [(coding: String, stream: [UInt8], checksum: Int)] = [
    ("br", Brotli.stored(Array(text.utf8)), 0),
    ("zstd", Zstandard.stored(Array(text.utf8)), 0),
    ("zstd", Zstandard.stored(Array("hello, ".utf8)) + Zstandard.stored(Array("compressed world".utf8)), 0),
    ("zstd", [0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 1, 2] + Zstandard.stored(Array(text.utf8)), 0),
    ("deflate", Gzip.zlib(Array(text.utf8)), 4),
    // Without zlib's format around it, as many servers send it.
    ("deflate", Array(whole.dropFirst(10).dropLast(8)), 0),
    ("gzip, br", Brotli.stored(whole), 0),
  ]

  @Test(arguments: others.indices, [1, Int.max])
  func `what follows another coding's stream is passed over as well`(place: Int, pieces: Int) throws {
    let (coding, stream, _) = GzipTests.others[place]
    // With more than one coding a body has to be announced.
    if coding.contains(",") { return }
    for tail in [[], Array("\r\n<!-- -->".utf8), [0x28, 0x20, 0x20, 0x20, 0x20, 0x20], [0x1F, 0x20, 0x20], [0]] {
      try Stage.run(answer: GzipTests.serve(stream + tail, coding: coding, in: pieces)) { stage in
        for _ in 1...2 {
          let response = await stage.fetch()
          #expect(response.outcome == .ok, "\(coding) \(tail) \(response.error ?? "")")
          #expect(response.text == GzipTests.text)
          #expect(!response.truncated)
        }
        #expect(stage.server.connections == 1)
      }
    }
  }

  @Test(arguments: others.indices)
  func `another coding's stream that ends early is truncated as well`(place: Int) throws {
    let (coding, stream, checksum) = GzipTests.others[place]
    try Stage.run(answer: { request, connection in
      let body = stream.prefix(Int(request.target.dropFirst())!)
      try await connection.write(head(["Content-Encoding: \(coding)", "Content-Length: \(body.count)"]))
      try await connection.write(Array(body))
    }) { stage in
      var oks: [Int] = []
      for length in 0...stream.count {
        let response = await stage.fetch("/\(length)")
        if response.outcome == .ok {
          oks.append(length)
          #expect(!response.truncated)
        } else {
          #expect(response.outcome == .truncated && response.truncated, "\(length): \(response.error ?? "")")
          #expect(response.error?.hasSuffix(" stream ends early") == true)
          #expect(response.body.isEmpty)
        }
        if length >= stream.count - checksum { #expect(response.text == GzipTests.text) }
      }
      // Of two frames the first may be all.
      let first = coding == "zstd" ? oks.filter { (1..<stream.count).contains($0) } : []
      #expect(first.count <= 1)
      #expect(oks.filter { !first.contains($0) } == [0] + (stream.count - checksum...stream.count))
    }
  }

  @Test func `a second member that is a bomb is one`() throws {
    try Stage.run(answer: GzipTests.serve(GzipTests.whole + Gzip.zeros(mebibytes: 9))) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .bomb)
      #expect((1 << 20..<2 << 20).contains(response.bodyBytes))
    }
  }

  @Test func `what follows the stream without end is too large`() throws {
    let tail = [UInt8](repeating: 0, count: 16_384)
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Content-Encoding: gzip"]))
      try await connection.write(GzipTests.whole)
      while true { try await connection.write(tail) }
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .tooLarge)
      #expect(response.bodyBytes == 23)
    }
  }

  @Test func `a handle decodes again after a challenge in gzip`() throws {
    try Stage.run(answer: { request, connection in
      guard request.field("Authorization") != nil else {
        let fields = ["WWW-Authenticate: Digest realm=\"shop\", nonce=\"abc\"", "Content-Encoding: gzip"]
        let length = "Content-Length: \(GzipTests.whole.count)"
        try await connection.write(head(fields + [length], status: "401 Unauthorized"))
        return try await connection.write(GzipTests.whole)
      }
      try await GzipTests.serve(Brotli.stored(Array(GzipTests.text.utf8)), coding: "br")(request, connection)
    }) { stage in
      let origin = try #require(OriginPattern("http://127.0.0.1:\(stage.port)"))
      let known = FetchCredentials(
        name: "shop", user: Secret("crawler"), password: Secret("word"), scheme: .digest, origins: [origin])
      let response = await stage.fetch("/private") { $0.credentials = [known] }
      #expect(response.outcome == .ok)
      #expect(response.text == GzipTests.text)
    }
  }
}

/// 206 (RFC 9110 section 15.3.7).
@Suite struct PartTests {
  @Test(arguments: ["bytes 0-4/10", "bytes 5-9/10", "bytes 0-4/*", "bytes 0-9223372036854775807/5"])
  func `a part that nobody asked for is truncated`(range: String) throws {
    let answer = ok("hello", status: "206 Partial Content", fields: ["Content-Range: \(range)"])
    try Stage.run(answer: { _, connection in try await connection.write(answer) }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .truncated)
      #expect(response.truncated)
      #expect(response.error?.hasSuffix(range) == true)
      let asked = await stage.fetch { $0.headers = [("Range", "bytes=0-4")] }
      #expect(asked.outcome == .ok)
      #expect(!asked.truncated)
    }
  }

  @Test(arguments: [["Content-Range: bytes 0-4/5"], []])
  func `a part that is the whole is whole`(fields: [String]) throws {
    let answer = ok("hello", status: "206 Partial Content", fields: fields)
    try Stage.run(answer: { _, connection in try await connection.write(answer) }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .ok)
      #expect(!response.truncated)
    }
  }
}
