import EventLoop
import TestWeb
import Testing

/// A client for these tests: sends text, reads what comes until the end or until a whole answer with a length is there.
private struct Exchange: ClientProtocol {
  var request: String
  var limit = 1 << 20

  func run(_ connection: Connection) async throws -> String {
    try await connection.write(request)
    var received: [UInt8] = []
    while received.count < limit {
      let more = try await connection.read(upTo: 65_536)
      if more.isEmpty { break }
      received += more
    }
    return String(decoding: received, as: UTF8.self)
  }
}

@Suite struct ServingTests {
  @discardableResult private func withWeb<T: Sendable>(
    _ site: Site = Site(hosts: 2, pages: 10), _ body: @escaping @Sendable (TestWeb, SocketAddress) async throws -> T
  ) throws -> T {
    try EventLoop.run {
      guard let loop = EventLoop.current else { throw EventLoopError.closed }
      let web = try await TestWeb.start(site, on: loop)
      let address = SocketAddress.ipv4(address: 0x7F00_0901, port: await web.site.port)
      let result = await Result { try await body(web, address) }
      await web.close()
      return try result.get()
    }
  }

  private func get(_ target: String, host: String = "h0.test", close: Bool = true) -> String {
    "GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\(close ? "Connection: close\r\n" : "")\r\n"
  }

  @Test func severalRequestsOnOneConnection() throws {
    let (answer, log) = try withWeb { web, address in
      let requests = get("/", close: false) + get("/p/3", close: false) + get("/nothing")
      return (try await web.loop.connect(to: address, Exchange(request: requests)), await web.log)
    }
    #expect(answer.contains("Page 0 of host 0"))
    #expect(answer.contains("Page 3 of host 0"))
    #expect(log.entries.map(\.target) == ["/", "/p/3", "/nothing"])
    #expect(log.entries.map(\.status) == [200, 200, 404])
    #expect(log.statistics().connections == 1)
  }

  @Test func hostsAreToldApartByName() throws {
    let answer = try withWeb { web, address in
      try await web.loop.connect(to: address, Exchange(request: get("/p/1", host: "H1.test:80")))
    }
    #expect(answer.contains("Page 1 of host 1"))
  }

  @Test func aHeldRequestWaitsForItsRelease() throws {
    let answer = try withWeb { web, address in
      let request = Exchange(request: get("/fault/slow-first-byte"))
      let client = web.loop.startTask(name: "client") { try await web.loop.connect(to: address, request) }
      try await web.waitForHolds(1)
      #expect(await web.log.entries[0].answered == nil)
      await web.release()
      return try await client.value
    }
    #expect(answer.hasPrefix("HTTP/1.1 200"))
  }

  @Test func aClientThatLeavesEndsItsHold() throws {
    try withWeb { web, address in
      let client = try await web.loop.connect(to: address)
      try await client.write(get("/fault/slow-first-byte"))
      try await web.waitForHolds(1)
      client.close()
      try await web.waitForAnswers(1)
      #expect(await web.log.entries[0].status == 0)
    }
  }

  @Test func aWaitThatIsCancelledEnds() throws {
    try withWeb { web, _ in
      let waiting = web.loop.startTask(name: "waiting") { try await web.waitForRequests(1) }
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
    }
  }

  @Test func aResetIsAReset() throws {
    try withWeb { web, address in
      await #expect(throws: EventLoopError.system(call: "read", code: 104)) {
        _ = try await web.loop.connect(to: address, Exchange(request: get("/fault/reset-mid-body")))
      }
    }
  }

  @Test func whatHasNoEndIsSentUntilTheClientLeaves() throws {
    try withWeb { web, address in
      let some = try await web.loop.connect(to: address, Exchange(request: get("/fault/endless-body"), limit: 3 << 20))
      #expect(some.utf8.count >= 3 << 20)
    }
  }

  @Test func oneHostAcceptsAndCloses() throws {
    let answer = try withWeb { web, _ in
      let closed = SocketAddress.ipv4(address: 0x7F00_09FB, port: await web.site.port)
      return try? await web.loop.connect(to: closed, Exchange(request: ""))
    }
    #expect(answer == "")
  }

  @Test func everyFaultAnswersSomethingOrCloses() throws {
    try withWeb { web, address in
      let faults = Fault.answers.filter { $0.limit == .none || $0.limit == .hour }
      for fault in faults {
        _ = try? await web.loop.connect(to: address, Exchange(request: get(fault.target), limit: 300_000))
      }
      #expect(await web.log.count == faults.count)
      let page = try await web.loop.connect(to: address, Exchange(request: get("/")))
      #expect(page.contains("Page 0"))
    }
  }

  @Test func plantedAnswersComeBeforeTheRoutes() throws {
    let answer = try withWeb { web, address in
      await web.plant(.text("planted"), at: "/robots.txt", on: "h0.test")
      return try await web.loop.connect(to: address, Exchange(request: get("/robots.txt")))
    }
    #expect(answer.hasSuffix("planted"))
  }

  @Test func theLogCanBeAskedOverHTTP() throws {
    let (log, statistics) = try withWeb { web, address in
      _ = try await web.loop.connect(to: address, Exchange(request: get("/private/1")))
      return (
        try await web.loop.connect(to: address, Exchange(request: get("/_log"))),
        try await web.loop.connect(to: address, Exchange(request: get("/_stats")))
      )
    }
    #expect(log.contains("\th0.test\tGET\t/private/1\t200\t1\n"))
    #expect(statistics.contains("\"robots_violations\":1"))
  }

  @Test func garbageIsRefused() throws {
    let answer = try withWeb { web, address in
      try await web.loop.connect(to: address, Exchange(request: "\u{1}\u{2}\r\n\r\n"))
    }
    #expect(answer.hasPrefix("HTTP/1.1 400"))
  }

  @Test func theHostsFileNamesEveryHost() throws {
    let text = try withWeb(Site(hosts: 6, pages: 1)) { web, _ in await web.hostsFile.text }
    #expect(text.contains("127.0.9.1\th0.test\n"))
    #expect(text.contains("127.0.9.1\th4.test\n"))
    #expect(text.contains("refused.test\n"))
  }
}

extension Result where Failure == any Error {
  /// The outcome of an asynchronous body.
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
