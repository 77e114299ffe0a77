import Fetch
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
      }
      #expect(stage.server.requests.isEmpty)
      // The handles that were used for it go straight again.
      for _ in 0..<4 { #expect(await stage.fetch().outcome == .ok) }
      #expect(!FetchOutcome.proxyFailed.costsAttempt && FetchOutcome.proxyFailed.isRetryable)
    }
  }
}
