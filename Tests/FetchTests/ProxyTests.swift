import EventLoop
import Fetch
import TestWeb
import Testing

@Suite struct ProxyTests {
  private static func proxy(_ url: String) -> FetchProxy? {
    FetchProxy(name: "p", url: url, user: nil, password: nil, resolvesNames: false)
  }

  @Test(arguments: [
    "http://proxy.example:3128", "HTTP://proxy.example", "https://proxy.example:443/", "https://proxy.example:80",
    "socks5://127.0.0.1:80", "socks5://[::1]", "socks5://proxy.example:443",
  ])
  func `a proxy is a scheme, a host and a port`(url: String) {
    #expect(Self.proxy(url) != nil)
  }

  @Test(arguments: [
    "", "proxy.example:3128", "ftp://proxy.example:21", "socks4://proxy.example", "socks5h://proxy.example",
    "http://", "http://user:secret@proxy.example:3128", "http://proxy.example:3128/path", "http://proxy.example/?",
    "http://proxy.example/#x", "http://proxy.example:x", "http://proxy example", "http:proxy.example",
  ])
  func `what is none is refused`(url: String) {
    #expect(Self.proxy(url) == nil)
  }

  @Test func `SOCKS5 alone has a limit for a user and a password`() throws {
    for (url, count, isTooLong) in [
      ("socks5://127.0.0.1", 255, false), ("socks5://127.0.0.1", 256, true), ("http://127.0.0.1", 256, false),
    ] {
      let password = Secret(String(repeating: "x", count: count))
      let proxy = FetchProxy(name: "p", url: url, user: Secret("u"), password: password, resolvesNames: false)
      #expect(try #require(proxy).hasTooLongSecret == isTooLong, "\(url) \(count)")
    }
  }

  @Test func `a route is that of its proxy and its certificate`() throws {
    let first = try #require(Self.proxy("http://proxy.example:3128"))
    let second = try #require(Self.proxy("http://proxy.example:3128"))
    let certificate = ClientCertificate(name: "c", file: "/c.pem", keyFile: nil, keyPassword: nil)
    let routes = [
      FetchRoute(), FetchRoute(proxy: first), FetchRoute(proxy: second), FetchRoute(certificate: certificate),
      FetchRoute(proxy: first, certificate: certificate), FetchRoute(verifiesTLS: false, proxy: first),
    ]
    #expect(Set(routes).count == routes.count)
    #expect(Set(routes + [FetchRoute(), FetchRoute(proxy: first)]).count == routes.count)
  }

  /// Nobody listens there, and nothing goes anywhere else.
  @Test func `a proxy that can't be reached is no fault of the host`() throws {
    try Stage.run(hosts: "127.0.0.1 shop.example proxy.example\n") { stage in
      for text in ["http://proxy.example:1", "socks5://127.0.0.1:1", "https://127.0.0.1:1", "http://missing.example:1"]
      {
        let request = stage.request("/", host: "shop.example")
        let proxy = try #require(Self.proxy(text))
        request.route = FetchRoute(proxy: proxy)
        let response = await stage.fetcher.fetch(request)
        #expect(
          response.outcome == .proxyFailed && response.proxy == "p" && !response.requestSent, "\(response.error ?? "")")
        #expect(response.error?.contains("the proxy p") == true)
        response.blameServer()
        #expect(response.outcome == .proxyFailed, "the server had no part in it")
      }
      #expect(stage.server.requests.isEmpty)
      // The handles that were used for it go straight again.
      for _ in 0..<4 { #expect(await stage.fetch().outcome == .ok) }
      #expect(!FetchOutcome.proxyFailed.costsAttempt && FetchOutcome.proxyFailed.isRetryable)
    }
  }

  @Test func `a SOCKS proxy that can't be reached is no fault of the host, whatever one did before`() throws {
    try Stage.run(hosts: "127.0.0.1 shop.example\n") { stage in
      let proxy = ProxyServer(on: stage.loop, names: [:])
      try await proxy.listen()
      await proxy.dropTunnels(to: "127.0.0.1")
      for (port, blamed) in [(await proxy.port, FetchOutcome.connectFailed), (1, .proxyFailed)] {
        let request = stage.request("/", host: "shop.example")
        request.route = FetchRoute(proxy: Self.proxy("socks5://127.0.0.1:\(port)"))
        let response = await stage.fetcher.fetch(request)
        #expect(response.outcome == .proxyFailed, "\(response.error ?? "")")
        response.blameServer()
        #expect(response.outcome == blamed, "\(response.error ?? "")")
      }
      await proxy.close()
    }
  }

  /// As a proxy is that waits for a server longer than we do: the connection to it is there, and nothing comes.
  @Test func `a proxy's silence may be the server's`() throws {
    let answer: Answer = { _, connection in while try await !connection.read(upTo: 1_024).isEmpty {} }
    try Stage.run(hosts: "127.0.0.1 shop.example\n", answer: answer) { stage in
      let ways = [
        ("http", "https"), ("socks5", "https"), ("socks5", "http"), ("https", "https"), ("https", "http"),
      ]
      for (kind, scheme) in ways {
        let request = stage.request("/", host: "shop.example", scheme: scheme)
        request.limits.connect = .milliseconds(60)
        request.route = FetchRoute(proxy: Self.proxy("\(kind)://127.0.0.1:\(stage.port)"))
        let response = await stage.fetcher.fetch(request)
        #expect(
          response.outcome == .proxyFailed && !response.requestSent, "\(kind) \(scheme) \(response.error ?? "")")
        response.blameServer()
        // To have a request made, the server is not needed before the request.
        let isTunnel = (kind, scheme) != ("https", "http")
        #expect(response.outcome == (isTunnel ? .connectTimeout : .proxyFailed), "\(kind) \(scheme)")
      }
      let asked = stage.server.requests.map(\.lines[0]).filter { $0.hasPrefix("CONNECT ") }
      #expect(asked == ["CONNECT shop.example:\(stage.port) HTTP/1.1"])
    }
  }

  /// The proxy makes such a request itself: what it connects to, and how long that takes, is seen by the answer alone.
  @Test func `a proxy that makes the request itself and is silent is a server that does not answer`() throws {
    let answer: Answer = { _, connection in while try await !connection.read(upTo: 1_024).isEmpty {} }
    try Stage.run(hosts: "127.0.0.1 shop.example\n", answer: answer) { stage in
      let request = stage.request("/", host: "shop.example")
      request.limits.firstByte = .milliseconds(60)
      request.route = FetchRoute(proxy: Self.proxy("http://127.0.0.1:\(stage.port)"))
      #expect(await stage.fetcher.fetch(request).outcome == .firstByteTimeout)
    }
  }

  /// Whether it is broken off or not.
  @Test func `a 407 that came through a proxy is no answer of the server, and nothing is told of it`() throws {
    let answer: Answer = { request, connection in
      let status = "407 Proxy Authentication Required"
      let fields = ["Proxy-Authenticate: Basic realm=\"p\"", "Set-Cookie: proxy=1"]
      guard request.target.hasSuffix("/cut") else {
        return try await connection.write(ok("no", status: status, fields: fields))
      }
      try await connection.write(head(fields + ["Content-Length: 10"], status: status) + "no")
      connection.close()
    }
    try Stage.run(hosts: "127.0.0.1 shop.example\n", answer: answer) { stage in
      for (path, isRobots) in [("/", false), ("/cut", false), ("/robots.txt", true), ("/robots.txt/cut", true)] {
        let request = stage.request(path, host: "shop.example")
        request.route = FetchRoute(proxy: Self.proxy("http://127.0.0.1:\(stage.port)"))
        request.isRobots = isRobots
        let response = await stage.fetcher.fetch(request)
        #expect(response.outcome == .proxyFailed && response.isProxyRefusal && response.requestSent, "\(path)")
        #expect(response.status == nil && response.headers.all("Set-Cookie").isEmpty, "\(path)")
        response.blameServer()
        #expect(response.outcome == .connectFailed && response.isRetryable && response.status == nil, "\(path)")
        #expect(response.error?.contains("407") == true, "\(path)")
      }
      // Without a proxy it can be nobody else's.
      let response = await stage.fetch()
      #expect(response.outcome == .clientError && response.status == 407 && !response.isProxyRefusal)
    }
  }

  @Test func `another address of a server is tried when a SOCKS proxy is silent about the first`() throws {
    try Stage.run(hosts: "127.0.0.2 shop.example\n127.0.0.3 shop.example\n") { stage in
      let proxy = ProxyServer(on: stage.loop, names: ["127.0.0.3": 0x7F00_0001])
      try await proxy.listen()
      await proxy.keepSilent(about: "127.0.0.2")
      let request = stage.request("/", host: "shop.example")
      request.limits.connect = .milliseconds(60)
      request.route = FetchRoute(proxy: Self.proxy("socks5://127.0.0.1:\(await proxy.port)"))
      #expect(await stage.fetcher.fetch(request).outcome == .ok)
      #expect(await proxy.log.map(\.target) == ["127.0.0.2", "127.0.0.3"].map { "\($0):\(stage.port)" })
      await proxy.close()
    }
  }
}
