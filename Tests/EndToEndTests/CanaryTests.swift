import Address
import EventLoop
import TestWeb
import Testing

/// Listeners on addresses that nobody may connect to: they count who does.
private actor Canary: LoopActor {
  nonisolated let loop: EventLoop
  private(set) var connections = 0
  private var listeners: [Listener] = []
  private(set) var port: UInt16 = 0

  private struct Service: ServerProtocol {
    let canary: Canary
    func serve(_ connection: Connection) async throws { await canary.note() }
  }

  init(on loop: EventLoop) { self.loop = loop }

  /// 127.0.8.1, 127.0.0.1 and ::1 on one port, and 127.0.8.1 on that of the web.
  func listen(besides webPort: UInt16) async throws {
    for attempt in 1... {
      do {
        let first = try await loop.listen(on: .ipv4(address: 0x7F00_0801, port: 0), Service(canary: self))
        listeners = [first]
        port = first.address.port ?? 0
        listeners.append(try await loop.listen(on: .ipv4(address: 0x7F00_0001, port: port), Service(canary: self)))
        listeners.append(try await loop.listen(on: .ipv6(high: 0, low: 1, port: port, scope: 0), Service(canary: self)))
        listeners.append(try await loop.listen(on: .ipv4(address: 0x7F00_0801, port: webPort), Service(canary: self)))
        return
      } catch let error as EventLoopError {
        // Somebody has the port on another address.
        await close()
        if attempt == 20 { throw error }
      }
    }
  }

  func close() async {
    for listener in listeners { await listener.closeAll() }
    listeners = []
  }

  private func note() { connections += 1 }
}

extension EndToEndTests {
  @Suite struct Canaries {
    /// Ways to write addresses of the canary.
    private static func origins(_ port: UInt16) -> [String] {
      [
        "127.0.8.1", "2130708481", "0x7f000801", "0177.0.8.1", "127.2049", "\u{FF11}\u{FF12}\u{FF17}.0.8.1",
        "%31%32%37.0.8.1", "user:password@127.0.8.1", "127.1", "0", "0.0.0.0", "[::1]", "[0:0:0:0:0:0:0:1]", "[::]",
        "[::ffff:127.0.8.1]", "[::ffff:7f00:801]", "[::127.0.8.1]", "[64:ff9b::127.0.8.1]", "[64:ff9b::7f00:801]",
        "localhost", "LOCALHOST", "a.localhost", "canary.test", "canary6.test",
      ].map { "http://\($0):\(port)" }
    }

    @Test func nothingEverConnectsToARefusedNetwork() throws {
      try Stage.play(Site(hosts: 3, pages: 1)) { stage in
        let canary = Canary(on: stage.loop)
        try await canary.listen(besides: stage.site.port)
        let port = await canary.port
        let origins = Self.origins(port)
        try await plant(origins, port, on: stage)
        var names = await stage.web.hostsFile
        names.add("canary.test", at: "127.0.8.1")
        names.add("canary6.test", at: "::1")
        // One address that may be asked, and one that may not.
        names.add("both.test", at: "127.0.8.1")
        names.add("both.test", at: "127.0.9.1")
        try TextFile.write(names.text, to: stage.hostsFile)
        let proxy = "http://127.0.8.1:\(port)"
        let environment = Dictionary(
          uniqueKeysWithValues: ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].map {
            ($0, proxy)
          })
        // Each answer of the name server holds for one question, and leads to the web and to the canary in turns. The web
        // closes each connection to this name, so that the next fetch asks again.
        var closing = Response.html("<p>x")
        closing.closes = true
        let steps: [WireStep] = [.send(closing)]
        await stage.web.setScript { name, _, _ in name == "rebinds.test" ? steps : nil }
        let server = try await NameServer.listening(on: stage.loop) { question in
          guard question.name == "rebinds.test", !question.isIPv6 else { return .nothing }
          return .addresses([.v4(question.number % 2 == 1 ? 0x7F00_0901 : 0x7F00_0801)], seconds: 0)
        }
        try stage.configure("[dns]\nservers = [\"127.0.0.1:\(server.port)\"]")
        try await stage.withDaemon(
          ["--allow-network", "127.0.9.0/24"], allowingLoopback: false, environment: environment
        ) {
          _ in
          let follow = "+canonical,+iframe,+img,+script,+alternate,+sitemap,+feed"
          try await stage.add(
            "canary", ["--scope", "any", "--follow", follow],
            // A seed with a user in it is refused as such.
            seeds: [stage.url("/"), stage.url("/", host: 1), stage.url("/", on: "both.test")]
              + origins.filter { !$0.contains("@") })
          try await stage.control("wait", "canary", "--for", "done")
          // One fetch after the other, so that each asks anew; and what a proxy for TLS would get.
          try await stage.add(
            "rebinding", ["--robots", "ignore", "--concurrency", "1", "--depth", "0"],
            seeds: (0..<8).map { stage.url("/", on: "rebinds.test") + "?\($0)" }
              + ["https://closed.test:\(stage.site.port)/"])
          _ = try await stage.crawlctl(["wait", "rebinding", "--for", "done"])
        }
        await server.close()
        #expect(await canary.connections == 0)
        await canary.close()
        // Every way was gone, and ended at the guard.
        let excluded = "SELECT count(*) FROM urls WHERE url LIKE 'http%:\(port)/%'"
        #expect(try stage.number(excluded) > 100, "a dozen ways to each of a dozen hosts")
        #expect(
          try stage.column("SELECT DISTINCT state || ' ' || reason FROM urls WHERE url LIKE 'http%:\(port)/%'")
            == ["excluded address_refused"])
        #expect(
          try stage.column("SELECT DISTINCT remote_address FROM fetches WHERE status IS NOT NULL ORDER BY 1")
            == ["127.0.9.1", "127.0.9.2"])
        let rebound = "SELECT DISTINCT outcome FROM fetches f JOIN urls u ON u.id = url_id WHERE url LIKE '%rebinds%'"
        #expect(Set(try stage.column(rebound)) == ["ok", "address_refused"])
        #expect(try stage.column("SELECT state FROM urls WHERE url = '\(stage.url("/", on: "both.test"))'") == ["done"])
        #expect(
          try stage.number("SELECT count(*) FROM urls WHERE state = 'done' AND reason = 'redirected'") == origins.count)
      }
    }

    /// A page, a sitemap, redirects, header fields and robots.txt files that lead to each of these origins.
    private func plant(_ origins: [String], _ port: UInt16, on stage: Stage) async throws {
      var body = "<!doctype html><title>Canary</title>"
      var locations = ""
      for (index, origin) in origins.enumerated() {
        body += """
          <a href="\(origin)/a">a</a><iframe src="\(origin)/frame"></iframe><img src="\(origin)/img">
          <script src="\(origin)/script"></script><link rel=canonical href="\(origin)/canonical">
          <link rel=alternate href="\(origin)/alternate"><map><area href="\(origin)/area"></map>
          <a href="/redirect-\(index)">r</a><a href="/refresh-\(index)">r</a><a href="/meta-\(index)">r</a>
          """
        locations += "<url><loc>\(origin)/sitemap</loc></url>"
        await stage.web.plant(.redirect(to: "\(origin)/redirect"), at: "/redirect-\(index)", on: "h0.test")
        let fields = [
          "Content-Type: text/html", "Refresh: 0;url=\(origin)/refresh", "Link: <\(origin)/l>; rel=canonical",
        ]
        await stage.web.plant(
          Response(fields: fields, body: Array("<p>x".utf8)), at: "/refresh-\(index)", on: "h0.test")
        let meta =
          "<!doctype html><base href=\"\(origin)/\"><meta http-equiv=refresh content=\"0;url=meta\"><a href=base>b</a>"
        await stage.web.plant(.html(meta), at: "/meta-\(index)", on: "h0.test")
      }
      await stage.web.plant(.html(body), at: "/", on: "h0.test")
      let sitemap = "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\(locations)</urlset>"
      await stage.web.plant(
        Response(fields: ["Content-Type: application/xml"], body: Array(sitemap.utf8)), at: "/s.xml", on: "h0.test")
      let lines = (["\(stage.url("/s.xml"))"] + origins.map { "\($0)/s.xml" }).map { "Sitemap: \($0)\n" }.joined()
      await stage.web.plant(.text("User-agent: *\nAllow: /\n" + lines), at: "/robots.txt", on: "h0.test")
      await stage.web.plant(.redirect(to: "http://127.0.8.1:\(port)/robots.txt"), at: "/robots.txt", on: "h1.test")
    }
  }
}
