import EventLoop
import TestWeb
import Testing

/// Sitemaps of which not all is read.
extension EndToEndTests.Sitemaps {
  private static let site: Site = {
    var site = Site(hosts: 1, pages: 6)
    site.isLinked = false
    return site
  }()

  private static func element(_ url: String) -> String { "<url><loc>\(url)</loc></url>" }

  /// What it names is taken all the same, and taken once.
  @Test func aGzipFileThatEndsEarlyIsTriedAgain() throws {
    try Stage.play(Self.site) { stage in
      let urls = (1...5).map { stage.url("/p/\($0)") }
      let text = { (count: Int) in "<urlset>" + urls.prefix(count).map(Self.element).joined() }
      let whole = Gzip.stored(Array((text(5) + "</urlset>").utf8))
      // Behind the heads of the file and of its only block: to the middle of the fourth URL.
      let early = Array(whole.prefix(10 + 5 + text(3).utf8.count + 20))
      await stage.web.plant(
        .text("User-agent: *\nDisallow:\nSitemap: /map.gz\nSitemap: /none.gz\n"), at: "/robots.txt", on: "h0.test")
      await stage.web.plant(Response(body: early), at: "/map.gz", on: "h0.test")
      await stage.web.plant(Response(body: Array(whole.prefix(12))), at: "/none.gz", on: "h0.test")
      let fetches = "SELECT outcome, truncated, attempt, content_hash IS NULL, error FROM fetches WHERE url_id = "
      let (id, _) = try await stage.withDaemon { _ -> Int in
        try await stage.add("map", ["--follow", "sitemap"], seeds: [stage.url("/")])
        try await stage.control("wait", "map", "--for", "done")
        let id = try stage.number("SELECT id FROM urls WHERE url = '\(stage.url("/map.gz"))'")
        let error = "the gzip file of the sitemap ends early or is broken: what comes before was read"
        let tries: [[String?]] = [1, 2].map { ["truncated", "1", "\($0)", "1", error] }
        #expect(try stage.rows(fetches + "\(id) ORDER BY id") == tries)
        #expect(
          try stage.column("SELECT url FROM v_errors WHERE outcome = 'truncated' ORDER BY url")
            == [stage.url("/map.gz"), stage.url("/none.gz")])
        #expect(
          try stage.column("SELECT url FROM urls WHERE state = 'done' AND url LIKE '%/p/%' ORDER BY url")
            == Array(urls.prefix(3)))
        let why = try await stage.control("why", stage.url("/map.gz"))
        #expect(why.contains("last fetch (attempt 2): truncated: \(error)"), "\(why)")

        await stage.web.plant(Response(body: whole), at: "/map.gz", on: "h0.test")
        try await stage.control("retry", "map")
        try await stage.control("wait", "map", "--for", "done")
        return id
      }
      #expect(try stage.rows(fetches + "\(id) ORDER BY id DESC LIMIT 1") == [["ok", "0", "1", "0", nil]])
      #expect(try stage.column("SELECT url FROM v_pages WHERE url LIKE '%/p/%' ORDER BY url") == urls)
      #expect(try stage.number("SELECT count(*) FROM links WHERE source_url_id = \(id)") == 5)
      let log = await stage.web.log.pages.map(\.target).filter { $0.hasPrefix("/p/") }
      #expect(log.count == 5 && Set(log).count == 5)
      try await stage.expectSound()
    }
  }

  /// By the fetch, and by that of a recrawl that finds the same.
  @Test func aLimitThatWasMetIsSaid() throws {
    try Stage.play(Self.site) { stage in
      let (url, long) = (stage.url("/p/1"), stage.url("/" + String(repeating: "a", count: 2_048)))
      let text =
        "<urlset>" + Self.element(url) + Self.element(long) + String(repeating: " ", count: 4 << 20)
        + Self.element(stage.url("/p/2")) + "</urlset>"
      let map = Response(body: ArchiveFile.gzip(Array(text.utf8)))
      await stage.web.plant(
        .text("User-agent: *\nDisallow:\nSitemap: /map.gz\n"), at: "/robots.txt", on: "h0.test")
      await stage.web.plant(map, Validators(etag: "\"m\""), at: "/map.gz", on: "h0.test")
      let error =
        "the sitemap grows more than 200 times when it is unpacked: the rest was not read; "
        + "URLs of the sitemap that are longer than 2048 bytes, left out: 1"
      try await stage.withDaemon { _ in
        try await stage.add("first", ["--follow", "sitemap"], seeds: [stage.url("/")])
        try await stage.control("wait", "first", "--for", "done")
        try await stage.recrawl("first", ["--name", "second"])
        for task in ["first", "second"] {
          let why = try await stage.control("why", stage.url("/map.gz"), "--task", task)
          #expect(why.contains(error), "\(why)")
          let all = try await stage.control("url", stage.url("/map.gz"), "--task", task)
          #expect(all.contains(error), "\(all)")
        }
      }
      let fetches = try stage.rows(
        "SELECT outcome, truncated, error FROM fetches JOIN urls u ON u.id = url_id WHERE url LIKE '%/map.gz'")
      #expect(fetches == [["ok", "0", error], ["not_modified", "0", error]])
      #expect(try stage.column("SELECT DISTINCT url FROM v_pages WHERE url LIKE '%/p/%'") == [url])
      try await stage.expectSound()
    }
  }

  /// A path is taken, what is no URL is told.
  @Test func anEntryThatIsNoURLIsSaid() throws {
    try Stage.play(Self.site) { stage in
      let text = "<urlset>" + ["/p/1", "example.org/p/2", stage.url("/p/3")].map(Self.element).joined() + "</urlset>"
      await stage.web.plant(
        .text("User-agent: *\nDisallow:\nSitemap: /map.xml\n"), at: "/robots.txt", on: "h0.test")
      await stage.web.plant(Response(body: Array(text.utf8)), at: "/map.xml", on: "h0.test")
      let error = "entries of the sitemap that are no URLs of http or https, left out: 1, the first “example.org/p/2”"
      try await stage.withDaemon { _ in
        try await stage.add("map", ["--follow", "sitemap"], seeds: [stage.url("/")])
        try await stage.control("wait", "map", "--for", "done")
        let why = try await stage.control("why", stage.url("/map.xml"))
        #expect(why.contains("ok: \(error)"), "\(why)")
      }
      #expect(try stage.column("SELECT error FROM fetches WHERE error IS NOT NULL") == [error])
      let pages = "SELECT url FROM urls WHERE state = 'done' AND url LIKE '%/p/%' ORDER BY url"
      #expect(try stage.column(pages) == [stage.url("/p/1"), stage.url("/p/3")])
      try await stage.expectSound()
    }
  }
}
