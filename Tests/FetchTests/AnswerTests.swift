import EventLoop
import Fetch
import Testing

@Suite struct AnswerTests {
  @Test func `a page arrives with its status, fields, sizes and version`() throws {
    let fields = [
      "Content-Type: text/html; charset=utf-8", "ETag: \"a1\"", "Last-Modified: Mon, 23 Nov 2026 06:00:00 GMT",
      "X-Twice: one", "x-twice: two",
    ]
    try Stage.run(answer: { _, connection in try await connection.write(ok("hello", fields: fields)) }) { stage in
      let response = await stage.fetch("/page")
      #expect(response.outcome == .ok)
      #expect(response.error == nil)
      #expect(response.status == 200)
      #expect(response.httpVersion == "1.1")
      #expect(response.text == "hello")
      #expect(response.wireBytes == ok("hello", fields: fields).utf8.count)
      #expect(response.bodyBytes == 5)
      #expect(response.contentType == "text/html; charset=utf-8")
      #expect(response.etag == "\"a1\"")
      #expect(response.lastModified == "Mon, 23 Nov 2026 06:00:00 GMT")
      #expect(response.headers.all("X-Twice") == ["one", "two"])
      #expect(response.header("CONTENT-length") == "5")
      #expect(response.header("x-none") == nil)
      #expect(response.remoteAddress == "127.0.0.1")
      #expect(response.requestSent)
      #expect(!response.reused)
      #expect(!response.truncated)
      #expect(response.tlsVersion == nil)
      #expect(response.startedAt > 1_600_000_000_000_000)
      #expect(response.timings.total >= response.timings.firstByte)
    }
  }

  @Test func `several Content-Type fields are joined as far as they fit`() throws {
    // Beside the first one it is a byte too long, with the last one just as long as may be.
    let long = "text/x; y=" + String(repeating: "z", count: 1_003)
    try Stage.run(answer: { request, connection in
      let types = request.target == "/two" ? ["text/plain", "", "text/html"] : ["text/plain", long, "text/html"]
      try await connection.write(ok("x", fields: types.map { "Content-Type: \($0)" }))
    }) { stage in
      #expect(await stage.fetch("/two").contentType == "text/plain, , text/html")
      #expect(await stage.fetch("/long").contentType == "\(long), text/html")
    }
  }

  @Test func `a thousand fetches one after the other use one connection`() throws {
    try Stage.run { stage in
      for number in 0..<1_000 {
        let response = await stage.fetch("/\(number)")
        #expect(response.outcome == .ok)
        #expect(response.reused == (number > 0))
      }
      #expect(stage.server.connections == 1)
      #expect(stage.server.requests.last?.target == "/999")
      let statistics = await stage.fetcher.statistics
      #expect(statistics.connectionsMade == 1)
      #expect(statistics.requestsSent == 1_000)
      #expect(statistics.openSockets == 1)
      #expect(statistics.inFlight == 0)
      #expect(statistics.bufferedBytes == 0)
    }
  }

  @Test func `many at once are all answered with their own body`() throws {
    try Stage.run(answer: { request, connection in try await connection.write(ok("body of \(request.target)")) }) {
      stage in
      await withTaskGroup(of: Bool.self) { group in
        for number in 0..<300 {
          group.addTask {
            let response = await stage.fetch("/\(number)")
            return response.outcome == .ok && response.text == "body of /\(number)"
          }
        }
        for await isRight in group { #expect(isRight) }
      }
      #expect(stage.server.requests.count == 300)
    }
  }

  @Test func `a response that closes its connection leads to a new one`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Connection: close"]) + "to the end")
      connection.close()
    }) { stage in
      #expect(await stage.fetch().text == "to the end")
      let second = await stage.fetch()
      #expect(second.text == "to the end")
      #expect(!second.reused)
      #expect(stage.server.connections == 2)
      #expect(await stage.fetcher.statistics.openSockets == 0)
    }
  }

  @Test func `a server that closes an idle connection costs no failed fetch`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(ok("hello"))
      connection.close()
    }) { stage in
      for _ in 0..<5 { #expect(await stage.fetch().outcome == .ok) }
      #expect(stage.server.connections == 5)
    }
  }

  @Test func `keepAlive false closes the connection behind the response`() throws {
    try Stage.run { stage in
      #expect(await stage.fetch { $0.keepAlive = false }.outcome == .ok)
      #expect(await stage.fetcher.statistics.openSockets == 0)
      #expect(await stage.fetch().outcome == .ok)
      #expect(await stage.fetcher.statistics.openSockets == 1)
    }
  }

  @Test func `a chunked body is put together and its trailers are no fields`() throws {
    let body = "5\r\nhello\r\n1;x=y\r\n \r\n5\r\nworld\r\n0\r\nX-Trailer: yes\r\n\r\n"
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Transfer-Encoding: chunked", "X-Field: 1"]) + body)
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .ok)
      #expect(response.text == "hello world")
      #expect(response.bodyBytes == 11)
      #expect(response.header("x-field") == "1")
      #expect(response.header("x-trailer") == nil)
      // Without the framing of chunks.
      let sections = head(["Transfer-Encoding: chunked", "X-Field: 1"]) + "X-Trailer: yes\r\n"
      #expect(response.wireBytes == sections.utf8.count + 11)
    }
  }

  @Test func `an interim response is not the answer`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(
        head(["Link: </style.css>", "ETag: \"early\""], status: "103 Early Hints") + ok("late"))
    }) { stage in
      let response = await stage.fetch()
      #expect(response.status == 200)
      #expect(response.text == "late")
      #expect(response.etag == nil)
      #expect(response.header("link") == nil)
      let early = head(["Link: </style.css>", "ETag: \"early\""], status: "103 Early Hints")
      #expect(response.wireBytes == (early + ok("late")).utf8.count)
    }
  }

  @Test(arguments: [
    (204, FetchOutcome.ok), (300, .redirected), (301, .redirected), (304, .protocolError), (404, .clientError),
    (410, .gone), (429, .rateLimited), (500, .serverError), (503, .serverError), (700, .serverError),
  ])
  func `the status decides the outcome`(status: Int, outcome: FetchOutcome) throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(ok("", status: "\(status) Any", fields: ["Retry-After: 7", "Location: /next"]))
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == outcome)
      #expect(response.status == status)
      #expect(response.retryAfter == "7")
    }
  }

  @Test func `300 without a Location is a page to choose from, but for robots_txt`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(ok("<a href=index.html.de>", status: "300 Multiple Choices"))
    }) { stage in
      let page = await stage.fetch()
      #expect(page.outcome == .ok && page.status == 300 && page.text == "<a href=index.html.de>")
      #expect(page.error == nil)
      #expect(await stage.fetch { $0.isRobots = true }.outcome == .redirected)
    }
  }

  @Test(arguments: [301, 302, 303, 305, 307, 308, 399])
  func `a redirect without a Location is its body, if it has one, but for robots_txt`(status: Int) throws {
    try Stage.run(answer: { request, connection in
      let body = request.target == "/empty" ? "" : "<a href=/new>moved</a>"
      try await connection.write(ok(body, status: "\(status) Moved"))
    }) { stage in
      let page = await stage.fetch()
      #expect(page.outcome == .ok && page.status == status && page.text == "<a href=/new>moved</a>")
      #expect(!page.truncated && page.error == "the redirect has no Location")
      let empty = await stage.fetch("/empty")
      #expect(empty.outcome == .redirected && empty.location == nil && empty.error == page.error)
      #expect(await stage.fetch { $0.isRobots = true }.outcome == .redirected)
    }
  }

  @Test func `a redirect that names its own URL by an empty Location is one`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(ok("moved", status: "302 Found", fields: ["Location:"]))
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .redirected && response.location == "" && response.error == nil)
    }
  }

  @Test(arguments: ["If-None-Match", "if-modified-since"])
  func `a 304 that was asked for is an outcome`(condition: String) throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(ok("", status: "304 Any", fields: ["ETag: \"a\""]))
    }) { stage in
      let response = await stage.fetch { $0.headers = [(condition, "\"a\"")] }
      #expect(response.outcome == .notModified)
      #expect(response.status == 304)
      #expect(response.etag == "\"a\"")
      let unasked = await stage.fetch { $0.headers = [("If-Match", "*")] }
      #expect(unasked.outcome == .protocolError)
      #expect(unasked.error?.contains("304") == true)
    }
  }

  @Test func `a redirect is not followed and its target is given as sent`() throws {
    try Stage.run(answer: { _, connection in
      let location = Array("HTTP/1.1 302 Found\r\nLocation:  /caf".utf8) + [0xE9] + Array("?a=%zz\r\n".utf8)
      try await connection.write(location + Array("Content-Length: 0\r\n\r\n".utf8))
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .redirected)
      #expect(response.location == "/caf%E9?a=%zz")
      #expect(stage.server.requests.count == 1)
    }
  }

  @Test func `a Location outside of a redirect is none`() throws {
    try Stage.run(answer: { _, connection in try await connection.write(ok("", fields: ["Location: /x"])) }) { stage in
      #expect(await stage.fetch().location == nil)
    }
  }

  @Test(arguments: [" folded: yes", "\tfolded: yes", "\r\nHTTP/1.1 200 OK\r\n folded: yes"])
  func `a header section that begins with a folded line is a protocol error`(line: String) throws {
    try Stage.run(answer: { request, connection in
      let fields = [String](repeating: "X-Field: of this answer", count: 4)
      let folded = "HTTP/1.1 \(line.hasPrefix("\r\n") ? 100 : 200) OK\r\n\(line)\r\nContent-Length: 1\r\n\r\nx"
      try await connection.write(request.target == "/folded" ? folded : ok("hello", fields: fields))
    }) { stage in
      // A handle that had a field before keeps its memory in mind.
      for _ in 0..<10 {
        #expect(await stage.fetch("/").outcome == .ok)
        let response = await stage.fetch("/folded")
        #expect(response.outcome == .protocolError)
        #expect(response.error == "the header section begins with a folded line")
      }
    }
  }

  @Test func `a folded line after an interim answer's fields is libcurl's affair, and a long line may have spaces`()
    throws
  {
    let long = "X-Long: " + String(repeating: " ", count: 60_000) + "end"
    try Stage.run(answer: { _, connection in
      try await connection.write(
        head(["X-Early: yes"], status: "103 Early Hints") + ok("hello", fields: [long, " folded"]))
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .ok)
      #expect(response.text == "hello")
      #expect(response.header("x-long")?.hasSuffix("folded") == true)
    }
  }
}
