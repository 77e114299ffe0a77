import EventLoop
import Fetch
import TestWeb
import Testing

/// What a server says on a kept connection without having been asked: no answer to the request that comes next.
@Suite struct UnaskedTests {
  private static func text(of path: String) -> String { "page of \(path)" }

  /// The pages of a site one after the other; the server is at the beginning of a new connection behind the first.
  private static func expectPages(_ stage: Stage, isTLS: Bool, first: FetchResponse) async {
    #expect(first.outcome == .ok && first.text == text(of: "/1"))
    for path in ["/2", "/3", "/4"] {
      let response = await stage.fetcher.fetch(isTLS ? stage.secureRequest(path) : stage.request(path))
      #expect(response.outcome == .ok && response.text == text(of: path), "\(path): \(response.error ?? "")")
      #expect(response.reused == (path != "/2") && !response.isUntaken)
    }
    #expect(stage.server.requests.map(\.target) == ["/1", "/2", "/3", "/4"])
    #expect(stage.server.connections == 2)
  }

  private static func run(
    isTLS: Bool, answer: @escaping Answer, _ body: @escaping @Sendable (Stage) async throws -> Void
  ) throws {
    if isTLS { try Stage.runSecure(answer: answer, body) } else { try Stage.run(answer: answer, body) }
  }

  @Test(
    arguments: [false, true],
    [
      ok("another page"), ok("", status: "408 Request Timeout", fields: ["Connection: close"]), "\r\n",
      "the rest of a body",
    ])
  func `what comes while a connection is idle is no answer`(isTLS: Bool, saying: String) throws {
    let answered = Occurrence()
    let answer: Answer = { request, connection in
      try await connection.write(ok(Self.text(of: request.target)))
      guard request.target == "/1" else { return }
      await answered.wait()
      try await connection.write(saying)
      if saying.contains("close") { connection.close() }
    }
    try Self.run(isTLS: isTLS, answer: answer) { stage in
      let first = await stage.fetcher.fetch(isTLS ? stage.secureRequest("/1") : stage.request("/1"))
      answered.happen()
      await stage.reached { stage.hasUnread }
      await Self.expectPages(stage, isTLS: isTLS, first: first)
    }
  }

  /// With TLS the rest is decrypted by then: no socket shows it.
  @Test(arguments: [false, true])
  func `what comes behind the announced end of a body is no answer`(isTLS: Bool) throws {
    let headed = Occurrence()
    let answer: Answer = { request, connection in
      let text = Self.text(of: request.target)
      guard request.target == "/1" else { return try await connection.write(ok(text)) }
      try await connection.write(head(["Content-Length: \(text.utf8.count)"]))
      await headed.wait()
      try await connection.write(text + ok("another page"))
    }
    try Self.run(isTLS: isTLS, answer: answer) { stage in
      let request = isTLS ? stage.secureRequest("/1") : stage.request("/1")
      let task = stage.loop.startTask(name: "fetch") { await stage.fetcher.fetch(request) }
      await stage.reached { request.progress.phase == .body }
      headed.happen()
      await Self.expectPages(stage, isTLS: isTLS, first: try await task.value)
    }
  }

  @Test(arguments: ["TLSv1.2", "TLSv1.3"])
  func `a connection with TLS serves page after page all the same`(version: String) throws {
    let answer: Answer = { request, connection in try await connection.write(ok(Self.text(of: request.target))) }
    try Stage.runSecure(.init(versions: version), answer: answer) { stage in
      for number in 0..<20 {
        let response = await stage.fetcher.fetch(stage.secureRequest("/\(number)"))
        #expect(response.outcome == .ok && response.tlsVersion == version && response.reused == (number > 0))
      }
      #expect(stage.server.connections == 1)
    }
  }

  /// One that is closed takes its 408 with it (RFC 9110 section 15.5.9).
  @Test func `408 is none of a page that was asked for on a kept connection`() throws {
    let answer: Answer = { request, connection in
      let status = request.target == "/" ? "200 OK" : "\(request.target.dropFirst()) Any"
      try await connection.write(ok("", status: status))
    }
    try Stage.run(answer: answer) { stage in
      let late = await stage.fetch("/408")
      #expect(late.outcome == .clientError && late.isRetryable && !late.isUntaken)
      #expect(await stage.fetch().outcome == .ok)
      let given = await stage.fetch("/408")
      #expect(given.outcome == .clientError && given.status == 408 && given.reused && given.isUntaken)
      let early = await stage.fetch("/425")
      #expect(early.outcome == .clientError && early.isRetryable && !early.isUntaken)
      let missing = await stage.fetch("/404")
      #expect(missing.outcome == .clientError && !missing.isRetryable)
    }
  }

  @Test func `a stream that is wanted over HTTP_1_1 is asked for over that, once`() throws {
    // SETTINGS, their acknowledgement, and RST_STREAM of the first stream (RFC 9113 sections 6.4 and 6.5).
    let frames: [UInt8] =
      [0, 0, 0, 4, 0, 0, 0, 0, 0] + [0, 0, 0, 4, 1, 0, 0, 0, 0] + [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 13]
    let answer: Answer = { request, connection in
      guard request.lines[0].hasPrefix("PRI ") else { return try await connection.write(ok("over HTTP/1.1")) }
      try await connection.write(frames)
      while try await !connection.read(upTo: 65_536).isEmpty {}
    }
    try Stage.runSecure(.init(applicationProtocol: "h2 http/1.1"), answer: answer) { stage in
      for number in 0..<3 {
        let log = SendLog()
        let request = stage.secureRequest("/\(number)")
        request.maySend = { _, isAgain in
          log.note(isAgain)
          return true
        }
        let response = await stage.fetcher.fetch(request)
        #expect(response.outcome == .ok && response.text == "over HTTP/1.1", "\(response.error ?? "")")
        #expect(response.httpVersion == "1.1" && response.reused == (number > 0))
        #expect(log.asked == (number == 0 ? [false, true] : [false]))
      }
      #expect(stage.server.requests.map(\.target) == ["*", "/0", "/1", "/2"])
    }
  }
  @Test func `a stream that a server ends its session without is untaken`() throws {
    // SETTINGS and their acknowledgement; a status, which is the whole answer; GOAWAY (sections 6.5, 6.2 and 6.8).
    let start: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0] + [0, 0, 0, 4, 1, 0, 0, 0, 0]
    let whole: [UInt8] = [0, 0, 1, 1, 5, 0, 0, 0, 1, 0x88]
    @Sendable func end(_ last: UInt8) -> [UInt8] { [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, last, 0, 0, 0, 0] }
    let answer: Answer = { request, connection in
      try await connection.write(start)
      var buffer: [UInt8] = []
      var isBegun = false
      while !connection.isClosed {
        let received = try await connection.read(upTo: 65_536)
        if received.isEmpty { return }
        buffer += received
        // The end of the client's first bytes (section 3.4).
        if !isBegun, buffer.count >= 6 {
          buffer.removeFirst(6)
          isBegun = true
        }
        while isBegun, buffer.count >= 9, buffer.count >= 9 + Int(buffer[1]) << 8 + Int(buffer[2]) {
          let (isHeaders, stream) = (buffer[3] == 1, buffer[8])
          buffer.removeFirst(9 + Int(buffer[1]) << 8 + Int(buffer[2]))
          guard isHeaders else { continue }
          // The first connection takes none, the second one stream.
          let isTaken = request.connection == 2 && stream == 1
          try await connection.write(isTaken ? whole : end(request.connection == 2 ? 1 : 0))
          if !isTaken { return connection.close() }
        }
      }
    }
    try Stage.runSecure(.init(applicationProtocol: "h2"), answer: answer) { stage in
      let first = await stage.fetcher.fetch(stage.secureRequest("/0"))
      #expect(first.outcome == .reset && first.isUntaken && first.isRefused && !first.reused, "\(first.error ?? "")")
      let second = await stage.fetcher.fetch(stage.secureRequest("/1"))
      #expect(second.outcome == .ok && second.httpVersion == "2" && !second.isUntaken, "\(second.error ?? "")")
      let third = await stage.fetcher.fetch(stage.secureRequest("/2"))
      #expect(third.outcome == .reset && third.isUntaken && !third.isRefused && third.reused, "\(third.error ?? "")")
    }
  }
}
