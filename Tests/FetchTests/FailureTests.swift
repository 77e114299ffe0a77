import Address
import EventLoop
import Fetch
import Names
import TestWeb
import Testing
import WebURL

@Suite struct FailureTests {
  @Test func `a body shorter than announced is truncated and not kept`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Content-Length: 100"]) + "only this")
      connection.close()
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .truncated)
      #expect(response.truncated)
      #expect(response.status == 200)
      #expect(response.body.isEmpty)
      #expect(response.bodyBytes == 9)
      #expect(response.error != nil)
    }
  }

  @Test func `a chunked body without its end is truncated`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Transfer-Encoding: chunked"]) + "5\r\nhello\r\n")
      connection.close()
    }) { stage in
      #expect(await stage.fetch().outcome == .truncated)
    }
  }

  @Test func `a chunk that is none is a protocol error`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Transfer-Encoding: chunked"]) + "zz\r\nhello\r\n0\r\n\r\n")
    }) { stage in
      #expect(await stage.fetch().outcome == .protocolError)
    }
  }

  @Test(arguments: ["X-Trailer: \(String(repeating: "t", count: 100_000))", "no colon"])
  func `a trailer that is none is a protocol error`(line: String) throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Transfer-Encoding: chunked"]) + "5\r\nhello\r\n0\r\n\(line)\r\n\r\n")
    }) { stage in
      #expect(await stage.fetch().outcome == .protocolError)
    }
  }

  @Test(arguments: ["TLSv1.2", "TLSv1.3"])
  func `a server that wants a certificate of its client is a failure of TLS`(version: String) throws {
    try Stage.run { stage in
      try await DemandingServer(version: version).run(on: stage.loop) { port in
        let request = stage.request()
        request.url = WebURL("https://127.0.0.1:\(port)/")!
        request.route = FetchRoute(verifiesTLS: false)
        let response = await stage.fetcher.fetch(request)
        #expect(response.outcome == .tlsFailed && response.error?.contains("alert") == true, "\(response.error ?? "")")
      }
    }
  }

  @Test func `a certificate of our own that can't be read is no fault of the server`() throws {
    try Stage.runSecure(answer: { _, connection in try await connection.write(ok("hello")) }) { stage in
      let notes = try TemporaryFile(text: "these are my notes")
      for file in ["/nowhere.pem", notes.path] {
        let request = stage.secureRequest("/")
        request.route = FetchRoute(
          certificate: ClientCertificate(name: "partner", file: file, keyFile: nil, keyPassword: nil))
        let response = await stage.fetcher.fetch(request)
        #expect(response.outcome == .localResource && !response.requestSent)
        #expect(response.error?.hasPrefix("the certificate partner: ") == true, "\(response.error ?? "")")
      }
      #expect(await stage.fetcher.fetch(stage.secureRequest("/")).outcome == .ok)
    }
  }

  @Test func `what is not HTTP is a protocol error`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write("SSH-2.0-OpenSSH_9.2\r\n")
      connection.close()
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .protocolError)
      #expect(response.status == nil)
      #expect(response.requestSent)
    }
  }

  @Test func `a connection that ends before an answer is a reset`() throws {
    try Stage.run(answer: { _, connection in connection.close() }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .reset && response.isUnheard)
      #expect(response.requestSent)
    }
  }

  @Test func `a connection that ends within an answer was heard`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write("HTTP/1.1 200 OK\r\nContent-")
      connection.close()
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .reset && !response.isUnheard)
    }
  }

  @Test(arguments: [Certificates.Kind.expired, .wrongHost, .selfSigned])
  func `a certificate that is wrong is told from other failures of TLS`(kind: Certificates.Kind) throws {
    try Stage.runSecure(.init(kind), answer: { _, connection in connection.close() }) { stage in
      let response = await stage.fetcher.fetch(stage.secureRequest("/"))
      #expect(response.outcome == .tlsFailed && response.isUnverified && !response.isRetryable)
    }
  }

  @Test func `a port where nobody listens is refused`() throws {
    try Stage.run { stage in
      let request = stage.request()
      request.url = WebURL("http://127.0.0.1:1/")!
      let response = await stage.fetcher.fetch(request)
      #expect(response.outcome == .connectRefused)
      #expect(!response.requestSent)
      #expect(response.status == nil)
      #expect(await stage.fetcher.statistics.openSockets == 0)
    }
  }

  @Test func `the next address is tried within the same fetch`() throws {
    // Nobody listens on 127.0.0.9; the server is on 127.0.0.1 alone.
    try Stage.run(hosts: "127.0.0.9 two.example\n127.0.0.1 two.example\n") { stage in
      let response = await stage.fetcher.fetch(stage.request("/", host: "two.example"))
      #expect(response.outcome == .ok)
      #expect(response.remoteAddress == "127.0.0.1")
      // The address that worked is kept while its connection lives.
      let again = await stage.fetcher.fetch(stage.request("/", host: "two.example"))
      #expect(again.reused)
      #expect(await stage.fetcher.statistics.connectionsMade == 3 - 1)
    }
  }

  @Test func `no more addresses are tried than the limit says`() throws {
    try Stage.run(hosts: "127.0.0.9 two.example\n127.0.0.1 two.example\n") { stage in
      let request = stage.request("/", host: "two.example")
      request.limits.addresses = 1
      #expect(await stage.fetcher.fetch(request).outcome == .connectRefused)
    }
  }

  @Test func `a name that nobody can look up is a failed look-up`() throws {
    try Stage.run { stage in
      let response = await stage.fetcher.fetch(stage.request("/", host: "nowhere.example"))
      #expect(response.outcome == .dnsFailed)
      #expect(response.error?.contains("nowhere.example") == true)
      #expect(await stage.fetcher.statistics.connectionsMade == 0)
    }
  }

  @Test func `https to a server that speaks plain HTTP is a failed handshake`() throws {
    try Stage.run { stage in
      stage.server.greeting = "HTTP/1.1 400 Bad Request\r\n\r\n"
      let response = await stage.fetcher.fetch(stage.request(scheme: "https"))
      #expect(response.outcome == .tlsFailed && !response.isUnverified && response.isRetryable)
      #expect(!response.requestSent)
    }
  }

  @Test func `another scheme is refused`() throws {
    try Stage.run { stage in
      let request = stage.request()
      request.url = WebURL("ftp://127.0.0.1/")!
      #expect(await stage.fetcher.fetch(request).outcome == .schemeRefused)
    }
  }

  @Test func `silence after the request is a time-out of the first byte`() throws {
    try Stage.run(answer: { _, connection in _ = try await connection.read(upTo: 1) }) { stage in
      let response = await stage.fetch { $0.limits.firstByte = .milliseconds(30) }
      #expect(response.outcome == .firstByteTimeout)
      #expect(response.requestSent)
    }
  }

  @Test func `a header section that never ends is a time-out of the first byte`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write("HTTP/1.1 200 OK\r\nX-A: ")
      _ = try await connection.read(upTo: 1)
    }) { stage in
      let response = await stage.fetch { $0.limits.firstByte = .milliseconds(30) }
      #expect(response.outcome == .firstByteTimeout)
      #expect(response.status == nil)
    }
  }

  @Test func `a body that stops is too slow`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Content-Length: 100"]) + "begin")
      _ = try await connection.read(upTo: 1)
    }) { stage in
      let response = await stage.fetch { $0.limits.lowSpeedTime = .milliseconds(60) }
      #expect(response.outcome == .tooSlow)
      #expect(response.status == 200)
      #expect(response.bodyBytes == 5)
    }
  }

  @Test func `a body that stops is too slow however long its head took`() throws {
    try Stage.run(answer: { _, connection in
      // By now the client's timer waits for the end of the head.
      try await connection.loop.sleep(for: .milliseconds(100))
      try await connection.write(head(["Content-Length: 100"]) + "begin")
      _ = try await connection.read(upTo: 1)
    }) { stage in
      let response = await stage.fetch {
        $0.limits.lowSpeedTime = .milliseconds(30)
        $0.limits.total = .seconds(5)
      }
      #expect(response.outcome == .tooSlow)
    }
  }

  @Test(arguments: [false, true])
  func `a connection that ends within the TLS handshake may be better the next time`(isReset: Bool) throws {
    try EventLoop.run {
      let loop = EventLoop.current!
      let listener = try await loop.listen(on: .loopback(), CutOff(isReset: isReset))
      let resolver = try Resolver(loop: loop)
      let fetcher = try Fetcher(
        loop: loop, resolver: resolver, guard: AddressGuard(allow: [try Network("127.0.0.0/8")]),
        configuration: FetchConfiguration())
      let request = FetchRequest(
        url: WebURL("https://127.0.0.1:\(listener.address.port!)/")!, userAgent: "test/1.0",
        progress: FetchProgress(now: loop.now), gate: FetchGate())
      let response = await fetcher.fetch(request)
      #expect(response.outcome == .reset && response.outcome.isRetryable, "\(response.error ?? "")")
      await fetcher.close()
      await resolver.close()
      await listener.closeAll()
    }
  }

  @Test func `the deadline of the whole fetch ends a body`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Content-Length: 100"]) + "begin")
      _ = try await connection.read(upTo: 1)
    }) { stage in
      #expect(await stage.fetch { $0.limits.total = .milliseconds(60) }.outcome == .bodyTimeout)
    }
  }

  @Test func `silence of a TLS server is a time-out of TLS`() throws {
    try Stage.run(answer: { _, connection in _ = try await connection.read(upTo: 1) }) { stage in
      let request = stage.request(scheme: "https")
      request.limits.connect = .milliseconds(60)
      let response = await stage.fetcher.fetch(request)
      #expect(response.outcome == .tlsTimeout)
      #expect(request.progress.phase == .tls)
      #expect(!response.requestSent)
    }
  }

  @Test(arguments: [
    "HTTP/1.1 200", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Type: te", "HTTP/1.1 200 OK\r\nX-A: b\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r",
    "HTTP/1.1 302 Found\r\nLocation: /half", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
  ])
  func `a connection that ends within the header section is a reset`(part: String) throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(part)
      connection.close()
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .reset)
      #expect(response.status == nil)
      #expect(response.location == nil)
    }
  }
}

/// Takes the first bytes of a client and is gone.
private struct CutOff: ServerProtocol {
  let isReset: Bool

  func serve(_ connection: Connection) async throws {
    _ = try await connection.read(upTo: 65_536)
    if isReset { connection.abort() }
  }
}
