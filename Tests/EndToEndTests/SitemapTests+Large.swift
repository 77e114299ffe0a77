import EventLoop
import TestWeb
import Testing

extension EndToEndTests.Sitemaps {
  private static let elsewhere = (0..<10_500).map { "http://x.test/\(100_000 + $0)" }

  /// More than is offered in one turn of the loop, where a seed's redirects end: what is in the scope that begins there is
  /// visited, and the daemon's end in between makes no difference; nor does a 304 in the next crawl.
  @Test(arguments: [false, true]) func aLargeSitemapIsOfferedPartByPart(isKilled: Bool) throws {
    try Stage.play(Site(hosts: 2, pages: 5)) { stage in
      let big = stage.url("/big.xml", host: 1)
      let inScope = (0..<3).map { stage.url("/p/\($0)", host: 1) }
      // One of them twice, the first and the last time in different parts.
      let named = inScope + Self.elsewhere + [inScope[0]]
      let text =
        #"<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">"#
        + named.map { "<url><loc>\($0)</loc></url>" }.joined() + "</urlset>"
      let body = Response(fields: ["Content-Type: application/xml"], body: Array(text.utf8))
      for host in ["h0.test", "h1.test"] {
        await stage.web.plant(.text("User-agent: *\nDisallow:\n"), at: "/robots.txt", on: host)
      }
      await stage.web.plant(.redirect(to: big), at: "/start", on: "h0.test")
      await stage.web.plant(body, Validators(etag: "\"1\""), at: "/big.xml", on: "h1.test")
      let options = ["--follow", "sitemap", "--delay", "50ms"]
      if isKilled {
        try await stage.withDaemon { daemon in
          try await stage.add("first", options, seeds: [stage.url("/start")])
          try await stage.web.waitForRequests(4)
          try await daemon.kill()
        }
        try await stage.expectSound()
      }
      try await stage.withDaemon { _ in
        if !isKilled { try await stage.add("first", options, seeds: [stage.url("/start")]) }
        try await stage.control("wait", "first", "--for", "done")
        try await stage.recrawl("first", ["--name", "second"])
      }
      #expect(await stage.web.log.pages.contains { $0.target == "/big.xml" && $0.status == 304 })
      for task in 1...2 {
        let urls = "FROM urls WHERE task_id = \(task) AND "
        #expect(try stage.column("SELECT url \(urls) reason = 'scope' ORDER BY id") == Self.elsewhere)
        #expect(try stage.column("SELECT url \(urls) state = 'done' AND depth = 1 ORDER BY id") == inScope)
        #expect(try stage.number("SELECT count(*) \(urls) state NOT IN ('done', 'excluded')") == 0)
        let links = try stage.rows(
          """
          SELECT target.url, count FROM links JOIN urls source ON source.id = source_url_id
          JOIN urls target ON target.id = target_url_id AND target.task_id = source.task_id
          WHERE source.task_id = \(task) AND source.url = '\(big)' ORDER BY position
          """)
        #expect(links.map { $0[0] } == inScope + Self.elsewhere)
        #expect(links.filter { $0[1] != "1" } == [[inScope[0], "2"]])
      }
      try await stage.expectSound()
    }
  }
}
