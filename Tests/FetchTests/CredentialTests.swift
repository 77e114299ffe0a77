import EventLoop
import Fetch
import Testing
import WebURL

@Suite struct CredentialTests {
  private static func credentials(
    _ origins: [String], scheme: FetchCredentials.Scheme = .basic, password: String = "pa ss:wörd"
  ) throws -> FetchCredentials {
    FetchCredentials(
      name: "shop", user: Secret("crawler"), password: Secret(password), scheme: scheme,
      origins: try origins.map { try #require(OriginPattern($0), "\($0)") })
  }

  @Test func `a name and a password go to their origins and to no other`() throws {
    try Stage.run(hosts: "127.0.0.1 shop.example www.shop.example myshop.example other.example\n") { stage in
      let known = try Self.credentials(["http://shop.example:\(stage.port)", "http://*.shop.example:\(stage.port)"])
      for host in ["shop.example", "myshop.example", "www.shop.example", "other.example", "shop.example"] {
        let request = stage.request("/", host: host)
        request.credentials = [known]
        #expect(await stage.fetcher.fetch(request).outcome == .ok)
      }
      // Of the same host on another port, and by another name of the machine.
      let elsewhere = try Self.credentials(["http://shop.example", "https://shop.example:\(stage.port)"])
      let request = stage.request("/", host: "shop.example")
      request.credentials = [elsewhere, known]
      _ = await stage.fetcher.fetch(request)
      request.credentials = [elsewhere]
      _ = await stage.fetcher.fetch(request)
      // Those of the URL are more particular.
      request.url = WebURL("http://me:mine@shop.example:\(stage.port)/")!
      request.credentials = [known]
      _ = await stage.fetcher.fetch(request)
      let sent = "Basic Y3Jhd2xlcjpwYSBzczp3w7ZyZA=="
      #expect(
        stage.server.requests.map { $0.field("Authorization") }
          == [sent, nil, sent, nil, sent, sent, nil, "Basic bWU6bWluZQ=="])
    }
  }

  /// Without qop the answer to a challenge is a matter of the challenge alone (RFC 2069): it can stand here.
  @Test func `a challenge is answered within one fetch, and its answer is what counts`() throws {
    let answer = "5825903f5eaaf9fe973e0609f7316348"
    try Stage.run(answer: { request, connection in
      guard request.field("Authorization")?.contains("response=\"\(answer)\"") == true else {
        let challenge = "WWW-Authenticate: Digest realm=\"shop\", nonce=\"abc\""
        let fields = [challenge, "ETag: \"no\"", "Content-Type: text/x", "X-Only: challenge", "Location: /elsewhere"]
        return try await connection.write(ok("go away", status: "401 Unauthorized", fields: fields))
      }
      try await connection.write(ok("welcome", fields: ["ETag: \"yes\""]))
    }) { stage in
      let known = try Self.credentials(["http://127.0.0.1:\(stage.port)"], scheme: .digest, password: "pass:word")
      let response = await stage.fetch("/private?x") { $0.credentials = [known] }
      #expect(response.outcome == .ok && response.status == 200)
      #expect(response.text == "welcome" && response.bodyBytes == 7)
      #expect(response.etag == "\"yes\"" && response.contentType == nil && response.header("X-Only") == nil)
      #expect(stage.server.requests.count == 2 && stage.server.connections == 1)
      #expect(stage.server.requests[0].field("Authorization") == nil)
      // A password that is wrong is told once.
      let wrong = try Self.credentials(["http://127.0.0.1:\(stage.port)"], scheme: .digest, password: "guess")
      let refused = await stage.fetch("/private?x") { $0.credentials = [wrong] }
      #expect(refused.outcome == .clientError && refused.status == 401)
      #expect(refused.header("X-Only") == "challenge")
      // Nothing of it stays with the handle.
      _ = await stage.fetch("/public")
      #expect(stage.server.requests.last?.field("Authorization") == nil)
    }
  }

  /// As where its nonce belongs to the session that it begins.
  @Test func `the answer to a challenge carries the cookies that it brought`() throws {
    try Stage.run(answer: { request, connection in
      if request.field("Authorization") != nil { return try await connection.write(ok("welcome")) }
      var fields = ["WWW-Authenticate: Digest realm=\"shop\", nonce=\"abc\""]
      if request.target != "/bare" { fields += ["Set-Cookie: sid=2; Path=/", "X-Other: x", "set-cookie:  b=3"] }
      try await connection.write(ok("who?", status: "401 Unauthorized", fields: fields))
    }) { stage in
      let known = try Self.credentials(["http://127.0.0.1:\(stage.port)"], scheme: .digest)
      let log = CookieLog()
      for (path, cookie) in [("/new", "sid=2; b=3"), ("/none", nil), ("/bare", "sid=2")] as [(String, String?)] {
        let response = await stage.fetch(path) {
          $0.credentials = [known]
          $0.cookie = Array("sid=1".utf8)
          $0.headers = [("X-Mine", "m")]
          $0.answerCookies = { setCookies in
            log.note(setCookies)
            return Array((cookie ?? "").utf8)
          }
        }
        #expect(response.outcome == .ok && response.text == "welcome")
      }
      _ = await stage.fetch("/without") {
        $0.credentials = [known]
        $0.cookie = Array("sid=1".utf8)
      }
      _ = await stage.fetch("/later")
      let sent = stage.server.requests.map { $0.field("Cookie") ?? "-" }
      #expect(sent == ["sid=1", "sid=2; b=3", "sid=1", "-", "sid=1", "sid=1", "sid=1", "sid=1", "-"])
      #expect(stage.server.requests.prefix(6).allSatisfy { $0.field("X-Mine") == "m" })
      // A challenge without cookies changes none.
      #expect(log.asked == [["sid=2; Path=/", "b=3"], ["sid=2; Path=/", "b=3"]])
    }
  }

  /// What came behind the challenge, the end of TLS or another page, is there when the request is to go out again.
  @Test(arguments: [false, true], ["", ok("another page")])
  func `a challenge is answered on another connection when its own is no good`(isTLS: Bool, rest: String) throws {
    let scene = StageBox()
    let answer: Answer = { request, connection in
      if request.field("Authorization") != nil { return try await connection.write(ok("welcome")) }
      let challenge = "WWW-Authenticate: Digest realm=\"shop\", nonce=\"abc\""
      try await connection.write(ok("go away", status: "401 Unauthorized", fields: [challenge]) + rest)
      connection.close()
      let deadline = ContinuousClock.now + .seconds(30)
      while scene.stage?.isClosedByServer == false, ContinuousClock.now < deadline {}
    }
    let body: @Sendable (Stage) async throws -> Void = { stage in
      scene.stage = stage
      defer { scene.stage = nil }
      let request = isTLS ? stage.secureRequest("/") : stage.request("/")
      let origin = "\(request.url.scheme)://\(request.url.hostAndPort)"
      request.credentials = [try Self.credentials([origin], scheme: .digest)]
      let response = await stage.fetcher.fetch(request)
      #expect(response.outcome == .ok && response.text == "welcome", "\(response.error ?? "")")
      #expect(stage.server.requests.map { $0.field("Authorization") != nil } == [false, true])
      #expect(stage.server.connections == 2 && !response.reused)
    }
    if isTLS { try Stage.runSecure(answer: answer, body) } else { try Stage.run(answer: answer, body) }
  }

  /// Each asks for its own realm with a nonce that is new each time, as servers without memory do.
  @Test func `what one challenge says is not the answer to another`() throws {
    try Stage.run(
      hosts: "127.0.0.1 shop.example other.example\n",
      answer: { request, connection in
        let realm = "\(request.field("Host") ?? "")\(request.target.prefix(2))"
        let given = request.field("Authorization") ?? ""
        // No two requests with a nonce are of one connection and one number, so whoever sends one again shows it.
        if given.contains("realm=\"\(realm)\""), given.contains("nonce=\"\(request.target.dropFirst(2))\"") {
          return try await connection.write(ok("welcome"))
        }
        let nonce = request.target.dropFirst(2)
        let challenge = "WWW-Authenticate: Digest realm=\"\(realm)\", nonce=\"\(nonce)\", qop=\"auth\""
        try await connection.write(ok("who?", status: "401 Unauthorized", fields: [challenge]))
      }
    ) { stage in
      let known = try ["shop.example", "other.example"].map {
        try Self.credentials(["http://\($0):\(stage.port)"], scheme: .digest)
      }
      // Two realms of one host, and a nonce for each request.
      let places = [("shop.example", "/a"), ("other.example", "/a"), ("shop.example", "/b"), ("shop.example", "/a")]
      for (number, (host, realm)) in places.enumerated() {
        let request = stage.request("\(realm)\(number)", host: host)
        request.credentials = known
        let response = await stage.fetcher.fetch(request)
        #expect(response.outcome == .ok, "\(number): \(response.status ?? 0)")
      }
      #expect(stage.server.requests.count == 8)
    }
  }

  @Test(arguments: [
    "https://shop.example", "HTTPS://Shop.Example/", "http://shop.example:8080", "http://127.0.0.1:80", "http://[::1]",
    "https://*.shop.example", "https://*.shop.co.uk:8443", "http://intranet",
  ])
  func `an origin is a scheme, a host and a port`(text: String) {
    #expect(OriginPattern(text) != nil)
  }

  @Test(arguments: [
    "", "shop.example", "ftp://shop.example", "https://", "https://shop.example/private", "https://shop.example/?",
    "https://shop.example?x", "https://shop.example/#", "https://me@shop.example", "https://me:x@shop.example",
    "https://*", "https://*.", "https://*.co.uk", "https://*.example", "https://*.127.0.0.1", "https://shop.example:x",
  ])
  func `what is none, or is everybody's, is refused`(text: String) {
    #expect(OriginPattern(text) == nil)
  }

  @Test func `a secret says nothing of itself`() throws {
    let secret = Secret("hunter2")
    var dumped = ""
    dump([secret], to: &dumped)
    dump(try Self.credentials(["http://a.example"], password: "hunter2"), to: &dumped)
    let texts = ["\(secret)", String(reflecting: secret), "\([secret])", "\(Optional(secret) as Any)", dumped]
    for text in texts { #expect(!text.contains("hunter2") && text.contains("(secret)"), "\(text)") }
  }
}

/// What fetches ask before they answer a challenge (`FetchRequest.answerCookies`). Confined to the loop of its test.
private final class CookieLog: @unchecked Sendable {
  private(set) var asked: [[String]] = []

  func note(_ setCookies: [[UInt8]]) { asked.append(setCookies.map { String(decoding: $0, as: UTF8.self) }) }
}

/// Confined to the loop of its test.
private final class StageBox: @unchecked Sendable {
  var stage: Stage?
}
