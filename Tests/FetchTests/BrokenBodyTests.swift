import EventLoop
import Fetch
import TestWeb
import Testing

/// Answers whose header section is complete and whose body is not.
@Suite struct BrokenBodyTests {
  private static let ways: [(fields: [String], body: String, outcome: FetchOutcome)] = [
    (["Content-Encoding: gzip", "Content-Length: 10"], "plain text", .protocolError),
    (["Content-Encoding: br", "Content-Length: 2"], "\u{6}\u{6}", .ok),
    (["Content-Length: 500"], "short", .truncated),
    (["Content-Length: 50000000"], "short", .tooLarge),
    (["Content-Length: 5", "Content-Length: 6"], "short", .protocolError),
    (["Transfer-Encoding: chunked"], "zz\r\nhello\r\n0\r\n\r\n", .protocolError),
    (["Transfer-Encoding: chunked"], "5\r\nhello\r\n", .truncated),
    (["Transfer-Encoding: gzip, chunked"], "5\r\nhello\r\n0\r\n\r\n", .bomb),
    (["Content-Encoding: gzip, gzip, gzip"], "", .bomb),
  ]

  private static func serve(_ way: (fields: [String], body: String, outcome: FetchOutcome)) -> Answer {
    { request, connection in
      let status = request.target.dropFirst()
      try await connection.write(head(["Location: /there"] + way.fields, status: "\(status) So") + way.body)
      connection.close()
    }
  }

  @Test(arguments: ways.indices)
  func `a redirect is one, and so is an error, whatever becomes of the body`(place: Int) throws {
    let way = BrokenBodyTests.ways[place]
    try Stage.run(answer: BrokenBodyTests.serve(way)) { stage in
      let page = await stage.fetch("/200")
      #expect(page.outcome == way.outcome)
      let isBroken = way.outcome != .ok
      let outcomes: [(Int, FetchOutcome)] = [
        (301, .redirected), (308, .redirected), (404, .clientError), (410, .gone), (429, .rateLimited),
        (503, .serverError),
      ]
      for (status, outcome) in outcomes {
        let response = await stage.fetch("/\(status)")
        #expect(response.outcome == outcome, "\(way.fields)")
        #expect(response.status == status)
        #expect(response.location == (outcome == .redirected ? "/there" : nil))
        #expect(response.truncated == isBroken)
        #expect(response.error == page.error)
        #expect(response.body.isEmpty)
        let robots = await stage.fetch("/\(status)") { $0.isRobots = true }
        #expect(robots.outcome == outcome)
      }
    }
  }

  @Test func `a redirect that leads nowhere, and a page to choose from, need their bodies`() throws {
    try Stage.run(answer: { request, connection in
      try await connection.write(
        head(["Content-Length: 500"], status: "\(request.target.dropFirst()) So") + "short")
      connection.close()
    }) { stage in
      for status in [300, 302] { #expect(await stage.fetch("/\(status)").outcome == .truncated) }
    }
  }

  @Test func `a redirect whose body stops is followed in the end`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Location: /there", "Content-Length: 100"], status: "302 Found") + "begin")
      _ = try await connection.read(upTo: 1)
    }) { stage in
      let slow = await stage.fetch { $0.limits.lowSpeedTime = .milliseconds(60) }
      #expect(slow.outcome == .redirected && slow.truncated && slow.error != nil)
      let late = await stage.fetch { $0.limits.total = .milliseconds(60) }
      #expect(late.outcome == .redirected && late.truncated && late.error != nil)
    }
  }

  @Test func `an error that is cut keeps what came of it where messages are kept`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Content-Length: 100"], status: "404 Not Found") + "begin")
      connection.close()
    }) { stage in
      let response = await stage.fetch { $0.keepsMessages = true }
      #expect(response.outcome == .clientError && response.truncated)
      #expect(response.text == "begin")
    }
  }

  /// libcurl replies to a challenge over another connection; that of the first answer is no outcome of the second.
  @Test func `a challenge whose body is cut is none that was answered`() throws {
    try Stage.run(answer: { _, connection in
      let challenge = "WWW-Authenticate: Digest realm=\"shop\", nonce=\"abc\""
      try await connection.write(head([challenge, "Content-Length: 100"], status: "401 Unauthorized") + "begin")
      connection.close()
    }) { stage in
      let origin = try #require(OriginPattern("http://127.0.0.1:\(stage.port)"))
      let known = FetchCredentials(
        name: "shop", user: Secret("crawler"), password: Secret("word"), scheme: .digest, origins: [origin])
      let response = await stage.fetch("/private") { $0.credentials = [known] }
      #expect(response.outcome == .truncated)
      #expect(await stage.fetch("/private").outcome == .clientError)
    }
  }

  // MARK: Lengths that are none

  @Test(arguments: ["0x10", "+5", "10.5", "5x", "5 5", "5;5"])
  func `a length that is no number is a protocol error`(length: String) throws {
    try Stage.run(answer: { request, connection in
      // The connection stays.
      let status = request.target == "/404" ? "404 Not Found" : "200 OK"
      try await connection.write(head(["Content-Length: \(length)"], status: status) + "hello, and more")
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .protocolError)
      #expect(response.truncated && response.bodyBytes == 0)
      #expect(stage.statistics.openSockets == 0)
    }
  }

  @Test(arguments: ["9223372036854775808", "18446744073709551616", String(repeating: "9", count: 30)])
  func `a length that 63 bits do not hold is too large`(length: String) throws {
    try Stage.run(answer: { _, connection in
      // The connection stays.
      try await connection.write(head(["Content-Length: \(length)"]) + "hello, and more")
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .tooLarge)
      #expect(response.truncated && response.bodyBytes == 0)
      #expect(stage.statistics.openSockets == 0)
    }
  }

  @Test(arguments: ["0x10", "+5", "99999999999999999999"])
  func `a length beside chunks may be none`(length: String) throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(
        head(["Transfer-Encoding: chunked", "Content-Length: \(length)"]) + "5\r\nhello\r\n0\r\n\r\n")
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .ok && response.text == "hello", "\(response.error ?? "")")
    }
  }

  @Test func `protocols that nobody wants to switch to are a protocol error`() throws {
    try Stage.run(answer: { _, connection in
      // The connection stays.
      try await connection.write(
        head(["Upgrade: websocket", "Connection: Upgrade"], status: "101 Switching Protocols"))
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .protocolError)
      #expect(response.error?.contains("101") == true)
      #expect(stage.statistics.openSockets == 0)
    }
  }
}
