import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  @Suite struct Sitemaps {
    /// A site whose pages nothing but its sitemaps names.
    private static let hidden: Site = {
      var site = Site(hosts: 2, pages: 70)
      site.isLinked = false
      return site
    }()

    private func urls(_ targets: [String], _ stage: Stage) -> Set<String> { Set(targets.map { stage.url($0) }) }

    /// Judges a crawl of the first host that went through its sitemaps: the server's log and SQL.
    private func expectAllFound(_ stage: Stage, repeated: ClosedRange<Int> = 0...0) async throws {
      let pages = stage.site.urls(ofHosts: [0])
      let sitemaps = urls(stage.site.sitemapTargets, stage)
      let served = Set(await stage.web.log.pages.map { stage.url($0.target, on: $0.host) })
      #expect(served == pages.union(sitemaps))
      let statistics = await stage.web.log.statistics()
      #expect(repeated.contains(statistics.duplicates), "requests that were repeated: \(statistics.duplicates)")
      #expect(statistics.robotsViolations == 0)
      #expect(Set(try stage.column("SELECT url FROM urls WHERE state = 'done'")) == pages.union(sitemaps))
      #expect(try stage.number("SELECT count(*) FROM pages") == pages.count)
      #expect(try stage.number("SELECT count(*) FROM urls WHERE state IN ('ready', 'delayed', 'failed')") == 0)
      // Each page and each sitemap but the first is a link of the sitemap that names it.
      let linked = try stage.column(
        """
        SELECT target.url FROM links JOIN urls source ON source.id = source_url_id
        JOIN urls target ON target.id = target_url_id WHERE kind = 'sitemap' AND source.url LIKE '%/sitemap%'
        """)
      #expect(linked.count == pages.count + sitemaps.count - 1)
      #expect(Set(linked) == pages.union(sitemaps).subtracting([stage.url(Site.sitemapTarget)]))
      let elsewhere = "SELECT count(*) FROM urls WHERE state = 'done' AND depth <> (url <> '\(stage.url("/"))')"
      #expect(try stage.number(elsewhere) == 0, "what sitemaps name has depth 1")
      try await stage.expectSound()
    }

    @Test func pagesThatOnlySitemapsNameAreFound() throws {
      try Stage.play(Sitemaps.hidden) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("hidden", ["--follow", "a,sitemap"], seeds: [stage.url("/")])
          try await stage.control("wait", "hidden", "--for", "done")
          let page = try await stage.control("why", stage.url("/p/3"))
          let chain = ["/sitemap/0.xml.gz", "/sitemap/all.xml", "/sitemap.xml"].map { stage.url($0) }
          #expect(page.contains("found through \(chain.joined(separator: " ← ")) (link of kind sitemap)"), "\(page)")
          let sitemap = try await stage.control("why", stage.url(Site.sitemapTarget))
          #expect(sitemap.contains("found through a Sitemap line of a robots.txt"), "\(sitemap)")
          let found = try await stage.control("url", stage.url("/p/3"))
          #expect(found.contains("  \(chain[0])  (sitemap)\n"), "\(found)")
        }
        try await expectAllFound(stage)
      }
    }

    @Test func withoutTheSettingNobodyAsksForThem() throws {
      try Stage.play(Sitemaps.hidden) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("plain", seeds: [stage.url("/")])
          try await stage.control("wait", "plain", "--for", "done")
        }
        #expect(await stage.web.log.entries.map(\.target) == ["/robots.txt", "/"])
        #expect(try stage.number("SELECT count(*) FROM urls WHERE url LIKE '%sitemap%' OR url LIKE '%/p/%'") == 0)
      }
    }

    @Test func nothingIsLostWhenTheDaemonIsKilled() throws {
      try Stage.play(Sitemaps.hidden) { stage in
        var uncommitted = 0
        // The first kills hit robots.txt, the seed and the indexes, the later ones files and pages.
        for requests in [1, 2, 3, 5, 7, 12, 30] {
          // The daemon goes on crawling before it can be asked.
          let before = await stage.web.log.count
          try await stage.withDaemon { daemon in
            if requests == 1 { try await stage.add("killed", ["--follow", "a,sitemap"], seeds: [stage.url("/")]) }
            try await stage.web.waitForRequests(max(requests, before + 1))
            try await daemon.kill()
          }
          try await stage.expectSound()
          let committed = try stage.number("SELECT count(*) FROM fetches WHERE url_id IS NOT NULL")
          uncommitted += await stage.web.log.statistics().distinct - committed
        }
        try await stage.withDaemon { _ in
          try await stage.control("wait", "killed", "--for", "done")
        }
        try await expectAllFound(stage, repeated: 0...uncommitted)
      }
    }

    @Test func aRobotsThatIsKnownIsNotAskedForAgain() throws {
      try Stage.play(Sitemaps.hidden) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("first", seeds: [stage.url("/")])
          try await stage.control("wait", "first", "--for", "done")
        }
        try await stage.withDaemon { _ in
          try await stage.add("second", ["--follow", "a,sitemap"], seeds: [stage.url("/")])
          try await stage.control("wait", "second", "--for", "done")
        }
        #expect(await stage.web.log.statistics().robotsRequests == 1)
        let second = "task_id = (SELECT id FROM tasks WHERE name = 'second')"
        #expect(
          try stage.number("SELECT count(*) FROM urls WHERE state = 'done' AND \(second)")
            == 70 + stage.site.sitemapTargets.count)
      }
    }

    @Test func aSitemapOfAnotherHostIsJudgedByTheScope() throws {
      try Stage.play(Sitemaps.hidden) { stage in
        let robots = "Sitemap: \(stage.url("/sitemap/1.txt", host: 1))\nSitemap: /sitemap/1.txt\nSitemap: http://\n"
        await stage.web.plant(.text(robots), at: "/robots.txt", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("host", ["--follow", "sitemap"], seeds: [stage.url("/")])
          try await stage.control("wait", "host", "--for", "done")
          #expect(await stage.web.requests(on: "h1.test") == 0)
          let excluded = try stage.rows(
            "SELECT url, reason FROM urls WHERE depth = 1 AND via_url_id IS NULL AND state = 'excluded' ORDER BY id")
          #expect(excluded == [[stage.url("/sitemap/1.txt", host: 1), "scope"], ["http://", "url_invalid"]])
          #expect(try stage.number("SELECT count(*) FROM pages") == 1 + 20)
          try await stage.add("any", ["--follow", "sitemap", "--scope", "any"], seeds: [stage.url("/")])
          try await stage.control("wait", "any", "--for", "done")
        }
        // The other host has a robots.txt of its own, which names its sitemap.
        #expect(try stage.number("SELECT count(*) FROM pages") == 1 + 20 + 1 + 20 + 70)
        try await stage.expectSound()
      }
    }

    @Test func indexesNestThreeDeep() throws {
      try Stage.play(Sitemaps.hidden) { stage in
        await stage.web.plant(.text("Sitemap: /sitemap/deep/1"), at: "/robots.txt", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("deep", ["--follow", "sitemap"], seeds: [stage.url("/")])
          try await stage.control("wait", "deep", "--for", "done")
        }
        // A page that an index names is read as the page it is.
        let wanted = ["/", "/sitemap/deep/1", "/sitemap/deep/2", "/p/1", "/sitemap/deep/3", "/p/2"]
        #expect(Set(await stage.web.log.pages.map(\.target)) == Set(wanted))
        let tooDeep = try stage.column(
          """
          SELECT target.url FROM links JOIN urls target ON target.id = target_url_id
          WHERE kind = 'sitemap' AND state = 'excluded' AND reason = 'follow'
          """)
        #expect(Set(tooDeep) == urls(["/sitemap/deep/4", "/p/3"], stage))
        #expect(try stage.number("SELECT count(*) FROM pages") == 3)
      }
    }

    @Test func aSeedMayBeASitemapOfAnyForm() throws {
      try Stage.play(Sitemaps.hidden) { stage in
        // Files of gzip and of plain text.
        let files = Array(stage.site.sitemapTargets.dropFirst(2))
        try await stage.withDaemon { _ in
          let options = ["--follow", "sitemap", "--exclude", "**/sitemap.xml", "--depth", "1"]
          try await stage.add("seeds", options, seeds: files.map { stage.url($0) })
          try await stage.control("wait", "seeds", "--for", "done")
        }
        #expect(urls(files, stage).isSuperset(of: [stage.url("/sitemap/0.xml.gz")]))
        let pages = stage.site.urls(ofHosts: [0])
        let found = try stage.column("SELECT url FROM urls WHERE state = 'done' AND depth = 1")
        #expect(Set(found) == pages)
        let sources = try stage.column(
          "SELECT DISTINCT url FROM links JOIN urls ON urls.id = source_url_id WHERE kind = 'sitemap'")
        #expect(Set(sources) == urls(files, stage))
      }
    }

    @Test func aLinkElementNamesASitemapToo() throws {
      try Stage.play(Sitemaps.hidden) { stage in
        await stage.web.plant(.text(""), at: "/robots.txt", on: "h0.test")
        let page = Response.html("<!doctype html><title>x</title><a href=/maps>m</a><link rel=sitemap href=/maps.gz>")
        await stage.web.plant(page, at: "/", on: "h0.test")
        // It moved, and stays a sitemap; the body's type says nothing.
        await stage.web.plant(.redirect(to: "/sitemap/2.xml.gz"), at: "/maps.gz", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("linked", ["--follow", "sitemap"], seeds: [stage.url("/")])
          try await stage.control("wait", "linked", "--for", "done")
        }
        let pages = (40..<60).map { "/p/\($0)" }
        #expect(Set(await stage.web.log.pages.map(\.target)) == Set(pages + ["/", "/maps.gz", "/sitemap/2.xml.gz"]))
      }
    }

    @Test(arguments: ["rss", "atom"]) func feedsAreReadWhenTheTaskFollowsThem(format: String) throws {
      try Stage.play(Sitemaps.hidden) { stage in
        let feed = "/feed/\(format)"
        try await stage.withDaemon { _ in
          try await stage.add("without", ["--depth", "1"], seeds: [stage.url(feed, host: 1)])
          try await stage.control("wait", "without", "--for", "done")
          try await stage.add("with", ["--follow", "a,feed", "--depth", "1"], seeds: [stage.url(feed)])
          try await stage.control("wait", "with", "--for", "done")
        }
        let entries = await stage.web.log.entries
        #expect(entries.count { $0.host == "h1.test" } == 2, "robots.txt and the feed")
        #expect(try stage.number("SELECT count(*) FROM links WHERE kind = 'feed'") == 70)
        let wanted = Set((0..<70).map { stage.site.target(ofPage: $0) } + [feed, "/robots.txt"])
        #expect(entries.count { $0.host == "h0.test" } == wanted.count)
        #expect(Set(entries.map(\.target)) == wanted)
        let depths = "SELECT DISTINCT depth FROM urls WHERE state = 'done' AND task_id = 2 ORDER BY depth"
        #expect(try stage.column(depths) == ["0", "1"])
        try await stage.expectSound()
      }
    }

    @Test func aSitemapThatIsNoneHarmsNothing() throws {
      try Stage.play(Sitemaps.hidden) { stage in
        let names = ["bomb", "gone", "long", "html", "broken"]
        let robots = "User-agent: *\nDisallow: /private/\n" + names.map { "Sitemap: /\($0)\n" }.joined()
        await stage.web.plant(.text(robots), at: "/robots.txt", on: "h0.test")
        await stage.web.plant(Response(body: Gzip.zeros(mebibytes: 200)), at: "/bomb", on: "h0.test")
        await stage.web.plant(Response(body: [UInt8](repeating: 0x20, count: 12 << 20)), at: "/long", on: "h0.test")
        await stage.web.plant(.html("<!doctype html><a href=/p/1>sitemap for people</a>"), at: "/html", on: "h0.test")
        let broken = "<urlset><url><loc>\(stage.url("/p/2"))</loc></url><url><loc>\(stage.url("/p/3"))"
        await stage.web.plant(.text(broken), at: "/broken", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("odd", ["--follow", "a,sitemap"], seeds: [stage.url("/")])
          try await stage.control("wait", "odd", "--for", "done")
        }
        let pages = try stage.column("SELECT url FROM v_pages ORDER BY url")
        #expect(pages == ["/", "/html", "/p/1", "/p/2"].map { stage.url($0) })
        let outcomes = try stage.column("SELECT DISTINCT outcome FROM fetches ORDER BY 1")
        #expect(outcomes == ["client_error", "ok"])
        try await stage.expectSound()
      }
    }
  }
}
