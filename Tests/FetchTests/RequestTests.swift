import EventLoop
import Fetch
import Testing
import WebURL

@Suite struct RequestTests {
  @Test(arguments: [
    "/", "/a/%", "//", "//x//y", "/a|b", "/?", "/a?", "/?q=a|b&c=%41%zz", "/%2e%2E/x", "/a;b='c'", "/a%20b",
    "/a?x=/../y", "/[x]{y}^",
  ])
  func `the target goes out byte for byte as the URL is serialised`(target: String) throws {
    try Stage.run { stage in
      let request = stage.request(target)
      _ = await stage.fetcher.fetch(request)
      let expected = "GET \(request.url.pathAndQuery) HTTP/1.1"
      #expect(stage.server.requests.map(\.lines.first) == [expected])
    }
  }

  @Test func `a fragment is never sent`() throws {
    try Stage.run { stage in
      _ = await stage.fetch("/page?x#secret")
      #expect(stage.server.requests.first?.target == "/page?x")
      #expect(stage.server.requests.first?.lines.contains { $0.contains("secret") } == false)
    }
  }

  @Test func `the request has the host with its port, the agent and the given fields`() throws {
    try Stage.run { stage in
      _ = await stage.fetch { $0.headers = [("Accept", "text/html"), ("If-None-Match", "\"a1\""), ("X-Empty", "")] }
      let request = try #require(stage.server.requests.first)
      #expect(request.field("Host") == "127.0.0.1:\(stage.port)")
      #expect(request.field("User-Agent") == "test/1.0")
      #expect(request.field("Accept") == "text/html")
      #expect(request.field("If-None-Match") == "\"a1\"")
      #expect(request.field("X-Empty") == "")
      #expect(request.field("Accept-Encoding") == "gzip, br, zstd")
      #expect(request.field("Authorization") == nil)
      #expect(request.field("Cookie") == nil)
    }
  }

  @Test func `fields of one request do not reach the next`() throws {
    try Stage.run { stage in
      _ = await stage.fetch {
        $0.headers = [("X-First", "1")]
        $0.userAgent = "other/2"
      }
      _ = await stage.fetch()
      #expect(stage.server.requests.map { $0.field("X-First") } == ["1", nil])
      #expect(stage.server.requests.map { $0.field("User-Agent") } == ["other/2", "test/1.0"])
    }
  }

  @Test func `cookies go out byte for byte, and to no other request`() throws {
    try Stage.run { stage in
      _ = await stage.fetch { $0.cookie = Array("n=".utf8) + [0x93, 0xFA] }
      _ = await stage.fetch()
      _ = await stage.fetch { $0.cookie = Array("n=1\r\nX-Smuggled: 1".utf8) }
      #expect(stage.server.requests.map { $0.field("Cookie") } == ["n=\u{93}\u{FA}", nil, nil])
      #expect(stage.server.requests.allSatisfy { $0.field("X-Smuggled") == nil })
    }
  }

  @Test func `a field that would break the message apart is left out`() throws {
    try Stage.run { stage in
      _ = await stage.fetch {
        $0.headers = [
          ("X-A", "1\r\nX-Smuggled: 1"), ("X-B: 1\r\nX-C", "2"), ("X D", "3"), ("", "4"), ("X-Good", "5\t6"),
        ]
      }
      let request = try #require(stage.server.requests.first)
      for name in ["X-A", "X-Smuggled", "X-B", "X-C", "X D"] { #expect(request.field(name) == nil) }
      #expect(request.field("X-Good") == "5\t6")
      #expect(stage.server.requests.count == 1)
    }
  }

  @Test func `credentials of the URL are sent as Basic authentication and to nobody else`() throws {
    try Stage.run { stage in
      let request = stage.request("/private")
      request.url = WebURL("http://us%65r:p%40ss@127.0.0.1:\(stage.port)/private")!
      _ = await stage.fetcher.fetch(request)
      _ = await stage.fetch("/public")
      // user:p@ss
      #expect(stage.server.requests.map { $0.field("Authorization") } == ["Basic dXNlcjpwQHNz", nil])
      #expect(stage.server.requests.map { $0.field("Host") } == Array(repeating: "127.0.0.1:\(stage.port)", count: 2))
    }
  }

  @Test func `a name of the hosts file is connected to, and is the Host`() throws {
    try Stage.run(hosts: "127.0.0.1 shop.example\n") { stage in
      let response = await stage.fetcher.fetch(stage.request("/", host: "shop.example"))
      #expect(response.outcome == .ok)
      #expect(response.remoteAddress == "127.0.0.1")
      #expect(stage.server.requests.first?.field("Host") == "shop.example:\(stage.port)")
    }
  }

  @Test func `hosts on one address do not share connections`() throws {
    try Stage.run(hosts: "127.0.0.1 a.example b.example\n") { stage in
      for host in ["a.example", "b.example", "a.example", "b.example"] {
        #expect(await stage.fetcher.fetch(stage.request("/", host: host)).outcome == .ok)
      }
      #expect(stage.server.connections == 2)
      #expect(stage.server.requests.map(\.connection) == [1, 2, 1, 2])
    }
  }

  @Test func `requests of different routes do not share connections`() throws {
    var configuration = FetchConfiguration()
    configuration.shards = 1
    try Stage.run(configuration: configuration) { stage in
      let old = FetchRoute(httpVersion: .http1)
      let sameAsOrdinary = FetchRoute()
      for route in [nil, old, sameAsOrdinary, FetchRoute(verifiesTLS: false), FetchRoute(httpVersion: .http1), nil] {
        #expect(await stage.fetch { $0.route = route }.outcome == .ok)
      }
      #expect(stage.server.requests.map(\.connection) == [1, 2, 1, 3, 2, 1])
    }
  }

  @Test func `a response says whether certificates were verified, also when none came`() throws {
    try Stage.run { stage in
      #expect(await stage.fetch().tlsVerified == nil)
      for (route, isVerified) in [(nil, true), (FetchRoute(verifiesTLS: false), false)] {
        let request = stage.request("/", host: "missing.invalid", scheme: "https")
        request.route = route
        let response = await stage.fetcher.fetch(request)
        #expect(response.outcome != .ok && response.tlsVerified == isVerified)
      }
    }
  }
}
