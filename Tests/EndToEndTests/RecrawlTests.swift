import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// Crawls that visit an earlier crawl's URLs again.
  @Suite struct Recrawls {
    @Test func everyURLIsToldWhatBecameOfIt() throws {
      try Stage.play(Site.versioned(hosts: 2, pages: 60)) { stage in
        try await stage.withDaemon { _ in
          try await stage.crawl("first", seeds: (0..<2).map { stage.url("/", host: $0) })
          let before = await stage.web.site
          await stage.web.change { site in
            site.revised = [4, 9, 14, 23]
            site.gone = [12, 29, 30, 35]
            site.pages = 70
          }
          let after = await stage.web.site
          await stage.web.resetLog()
          try await stage.recrawl("first")
          try await stage.expectRecrawl("first-2", from: before, to: after)
          // A recrawl of the recrawl, of a site that is as it was.
          await stage.web.resetLog()
          try await stage.recrawl("first-2", ["--name", "third"])
          try await stage.expectRecrawl("third", from: after, to: after)
          let shown = try await stage.control("show", "third")
          #expect(shown.contains("recrawl of    task 2\n"))
          #expect(shown.contains("not_modified"))
          #expect(try await stage.control("ls").contains("DIFFERENT"))
        }
        try await stage.expectSound()
      }
    }

    @Test(arguments: [1, 2] as [UInt64]) func nothingIsLostAndNothingDoubledByKills(seed: UInt64) throws {
      try Stage.play(Site.versioned(hosts: 3, pages: 120)) { stage in
        try await stage.withDaemon { _ in
          try await stage.crawl("first", seeds: (0..<3).map { stage.url("/", host: $0) })
        }
        let before = await stage.web.site
        await stage.web.change { site in
          site.revised = Set((0..<120).filter { $0 % 7 == 3 })
          site.gone = Set((50..<120).filter { $0 % 11 == 5 })
          site.pages = 140
        }
        let after = await stage.web.site
        await stage.web.resetLog()
        let numbers = SeededNumbers(seed: seed)
        var uncommitted = 0
        for kill in 0..<4 {
          let next = await stage.web.log.count + 20 + numbers.draw(UInt64(kill), below: 60)
          try await stage.withDaemon { daemon in
            if kill == 0 { try await stage.control("add", "--recrawl", "first", "--name", "killed") }
            try await stage.web.waitForRequests(next)
            try await daemon.kill()
          }
          try await stage.expectSound()
          let committed = try stage.number(
            "SELECT count(*) FROM fetches f JOIN tasks t ON t.id = f.task_id WHERE t.name = 'killed' AND url_id IS NOT NULL"
          )
          uncommitted += await stage.web.log.statistics().distinct - committed
        }
        try await stage.withDaemon { _ in try await stage.control("wait", "killed", "--for", "done") }
        try await stage.expectRecrawl("killed", from: before, to: after, repeated: 0...uncommitted)
        try await stage.expectSound()
      }
    }

    @Test func whatNothingLinksToAnyMoreIsAskedForToo() throws {
      try Stage.play { stage in
        let (web, name) = (stage.web, "h0.test")
        await web.plant(.links(["/kept", "/moved", "/lost", "/removed"]), at: "/start", on: name)
        for target in ["/kept", "/moved", "/lost", "/removed"] { await web.plant(.links([]), at: target, on: name) }
        try await stage.withDaemon { daemon in
          try await stage.crawl("first", seeds: [stage.url("/start")])
          await web.plant(.links(["/fresh"]), at: "/start", on: name)
          await web.plant(.links([]), at: "/fresh", on: name)
          await web.plant(.redirect(to: "/elsewhere"), at: "/moved", on: name)
          await web.plant(.links([]), at: "/elsewhere", on: name)
          await web.plant(Response.html("", status: 410), at: "/lost", on: name)
          await web.plant(.notFound, at: "/removed", on: name)
          try await stage.recrawl("first", ["--name", "second"])
          #expect(
            try stage.changes(of: "second") == [
              stage.url("/start"): "changed", stage.url("/kept"): "unchanged", stage.url("/moved"): "moved",
              stage.url("/elsewhere"): "new", stage.url("/lost"): "gone", stage.url("/removed"): "gone",
              stage.url("/fresh"): "new",
            ])
          #expect(
            try await stage.control("url", stage.url("/kept"), "--task", "second").contains("an earlier crawl has it"))
          #expect(
            try await stage.control("why", stage.url("/kept"), "--task", "second").contains(
              "an earlier crawl has its page"))
          // What is known to be gone or moved is no page of an earlier crawl.
          try await stage.recrawl("second", ["--name", "third"])
          #expect(
            try stage.changes(of: "third") == [
              stage.url("/start"): "unchanged", stage.url("/kept"): "unchanged", stage.url("/elsewhere"): "unchanged",
              stage.url("/fresh"): "unchanged",
            ])
        }
        let view = try stage.rows("SELECT change, status, was_title IS NULL FROM v_changes WHERE url LIKE '%/lost'")
        #expect(view == [["gone", "410", "0"]])
        try await stage.expectSound()
      }
    }

    @Test func aKillWhileTheRestIsVisitedLosesNothing() throws {
      try Stage.play { stage in
        let (web, name) = (stage.web, "h0.test")
        await web.plant(.links(["/a", "/b"]), at: "/start", on: name)
        for target in ["/a", "/b"] { await web.plant(.links([]), at: target, on: name) }
        try await stage.withDaemon { daemon in
          try await stage.crawl("first", seeds: [stage.url("/start")])
          await web.plant(.links([]), at: "/start", on: name)
          await web.plant([.hold, .send(.links([]))], at: "/a", on: name)
          try await stage.control("add", "--recrawl", "first", "--name", "second")
          try await web.waitForHolds(1)
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          try await web.waitForHolds(2)
          await web.release()
          try await stage.control("wait", "second", "--for", "done")
        }
        #expect(
          try stage.changes(of: "second") == [
            stage.url("/start"): "changed", stage.url("/a"): "unchanged", stage.url("/b"): "unchanged",
          ])
        try await stage.expectSound()
      }
    }

    /// More seeds than one transaction takes over: those that a killed daemon had not taken come from the next one, and no
    /// fetch starts before. The kill comes in the midst of the third thousand, whose transaction has no end.
    @Test func aKillWhileSeedsAreTakenOverLosesNoneAndDoublesNone() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        let count = 5_000
        let file = "\(stage.directory)/seeds"
        let others = (0..<count).map { stage.url("/private/\($0)") + "\n" }.joined()
        try TextFile.write(others + stage.url("/") + "\n", to: file)
        let seeds = "SELECT url FROM urls WHERE depth = 0 AND via_url_id IS NULL AND task_id = "
        try await stage.withDaemon { daemon in
          try await stage.control("run", "--name", "first", "--delay", "0", "--file", file)
          let requests = await stage.web.log.count
          try stage.write(
            """
            CREATE TRIGGER endless BEFORE INSERT ON urls WHEN NEW.task_id = 2 AND NEW.url LIKE '%/private/2500' BEGIN
              SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n);
            END
            """)
          try await stage.control("add", "--name", "second", "--recrawl", "first")
          while try stage.column(seeds + "2").count < 2_000 { try await stage.control("status") }
          let why = try await stage.control("why", "second")
          try await daemon.kill()
          #expect(why.contains("seeds are taken over so far from the task that it visits again"), "\(why)")
          #expect(await stage.web.log.count == requests)
        }
        try stage.write("DROP TRIGGER endless")
        #expect(try stage.column("SELECT state || lacks_seeds FROM tasks WHERE id = 2") == ["running1"])
        #expect((2_000...2_500).contains(try stage.column(seeds + "2").count))
        try await stage.withDaemon { _ in try await stage.control("wait", "second", "--for", "done") }
        #expect(try stage.column("SELECT lacks_seeds FROM tasks WHERE id = 2") == ["0"])
        #expect(try stage.column(seeds + "1 ORDER BY url") == stage.column(seeds + "2 ORDER BY url"))
        #expect(try stage.number("SELECT count(*) FROM pages") == 6)
        try await stage.expectSound()
      }
    }

    @Test func whatOneCrawlDidNotGetIsComparedWithTheOneBefore() throws {
      try Stage.play { stage in
        let (web, name) = (stage.web, "h0.test")
        await web.keepFields()
        await web.plant(.links(["/next"]), Validators(etag: "\"1\""), at: "/start", on: name)
        await web.plant(.links([]), Validators(lastModified: "Sun Nov  6 08:49:37 1994"), at: "/next", on: name)
        try await stage.withDaemon { _ in
          try await stage.crawl("first", seeds: [stage.url("/start")])
          await web.plant(Response.html("", status: 503), at: "/next", on: name)
          try await stage.recrawl("first", ["--name", "second"])
          #expect(try stage.changes(of: "second") == [stage.url("/start"): "not_modified", stage.url("/next"): ""])
          await web.plant(nil, at: "/next", on: name)
          await web.resetLog()
          try await stage.recrawl("second", ["--name", "third"])
        }
        #expect(
          try stage.changes(of: "third") == [stage.url("/start"): "not_modified", stage.url("/next"): "not_modified"])
        let conditions = await web.log.pages.map { [$0.target] + $0.conditions }
        #expect(
          conditions == [
            ["/start", "if-none-match: \"1\""], ["/next", "if-modified-since: Sun Nov  6 08:49:37 1994"],
          ])
        let held = try stage.column(
          """
          SELECT t.name FROM fetches f JOIN fetches held ON held.id = f.earlier_fetch_id AND held.status = 200
          JOIN tasks t ON t.id = held.task_id WHERE f.outcome = 'not_modified'
          """)
        #expect(held == ["first", "first", "first"])
        try await stage.expectSound()
      }
    }

    @Test func onlyWhatIsAValidatorIsSentBack() throws {
      try Stage.play { stage in
        let (web, name) = (stage.web, "h0.test")
        let pages = [
          "/weak": Validators(etag: "W/\"a,b\""), "/bare": Validators(etag: "abc"),
          "/long": Validators(etag: "\"\(String(repeating: "x", count: 2_000))\""),
          "/latin": Validators(etag: "\"\u{E9}\""), "/date": Validators(lastModified: "2026-01-01"),
          "/both": Validators(etag: "\"b\"", lastModified: "Sunday, 06-Nov-94 08:49:37 GMT"),
        ]
        await web.keepFields()
        await web.plant(.links(pages.keys.sorted()), at: "/start", on: name)
        for (target, validators) in pages { await web.plant(.links([]), validators, at: target, on: name) }
        try await stage.withDaemon { _ in
          try await stage.crawl("first", seeds: [stage.url("/start")])
          await web.resetLog()
          try await stage.recrawl("first", ["--name", "second"])
        }
        let conditions = Dictionary(uniqueKeysWithValues: await web.log.pages.map { ($0.target, $0.conditions) })
        #expect(
          conditions == [
            "/start": [], "/bare": [], "/long": [], "/latin": [], "/date": [],
            "/weak": ["if-none-match: W/\"a,b\""],
            "/both": ["if-none-match: \"b\"", "if-modified-since: Sunday, 06-Nov-94 08:49:37 GMT"],
          ])
      }
    }

    @Test func aSitemapThatIsNotModifiedStillNamesItsPages() throws {
      try Stage.play { stage in
        let (web, name) = (stage.web, "h0.test")
        let sitemap = Response(
          fields: ["Content-Type: application/xml"],
          body: Array(
            """
            <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>\(stage.url("/a"))</loc></url>\
            <url><loc>\(stage.url("/b"))</loc></url></urlset>
            """.utf8))
        await web.plant(sitemap, Validators(etag: "\"map\""), at: "/sitemap.xml", on: name)
        for target in ["/a", "/b"] { await web.plant(.links([]), Validators(etag: "\"x\""), at: target, on: name) }
        try await stage.withDaemon { _ in
          try await stage.crawl("first", ["--follow", "+sitemap"], seeds: [stage.url("/")])
          try await stage.recrawl("first", ["--name", "second"])
        }
        #expect(
          try stage.changes(of: "second") == [
            stage.url("/"): "unchanged", stage.url("/sitemap.xml"): "not_modified", stage.url("/a"): "not_modified",
            stage.url("/b"): "not_modified",
          ])
        let links = """
          SELECT t.url, t.depth, via.url FROM links l JOIN urls t ON t.id = target_url_id JOIN urls via ON via.id = t.via_url_id
          WHERE kind = 'sitemap' AND t.task_id = 2 ORDER BY 1
          """
        #expect(
          try stage.rows(links) == ["/a", "/b"].map { [stage.url($0), "1", stage.url("/sitemap.xml")] })
      }
    }

    @Test func seedsAndSettingsAreThoseOfTheTaskUnlessGiven() throws {
      try Stage.play(Site.versioned(hosts: 1, pages: 20)) { stage in
        try await stage.withDaemon { _ in
          let options = ["--exclude", "**/p/7", "--drop-parameter", "sid", "--paused"]
          try await stage.add("first", options, seeds: [stage.url("/")])
          // It has not ended.
          let refused = try await stage.crawlctl(["add", "--recrawl", "first"])
          #expect(refused.code == 5)
          #expect(refused.errors.contains("only what has ended can be crawled again"))
          try await stage.control("resume", "first")
          try await stage.control("wait", "first", "--for", "done")
          try await stage.control("add", "--recrawl", "nothing", exit: 4)
          try await stage.control("add", "--recrawl", "first", "--sort-query", "on", exit: 5)
          try await stage.control("add", "--recrawl", "first", "--paused", "--delay", "1ms")
          try await stage.control("set", "first-2", "delay=0")
          try await stage.control("resume", "first-2")
          try await stage.control("wait", "first-2", "--for", "done")
          // Other seeds instead of its own.
          try await stage.recrawl("first", ["--name", "part", "--depth", "0", stage.url("/p/3")])
        }
        let settings = try stage.column("SELECT settings FROM tasks ORDER BY id")
        #expect(settings.count == 3 && settings[0] == settings[1] && settings[0] != settings[2])
        #expect(try stage.column("SELECT recrawl_of FROM tasks WHERE recrawl_of IS NOT NULL") == ["1", "1"])
        #expect(try stage.changes(of: "first-2").count == 19)
        #expect(try stage.changes(of: "part") == [stage.url("/p/3"): "unchanged"])
      }
    }
  }
}

extension Site {
  fileprivate static func versioned(hosts: Int, pages: Int) -> Site {
    var site = Site(hosts: hosts, pages: pages)
    site.isVersioned = true
    return site
  }
}

extension Response {
  /// A page that links to these.
  static func links(_ targets: [String]) -> Response {
    .html("<!doctype html><title>Links</title>" + targets.map { "<a href=\"\($0)\">\($0)</a>\n" }.joined())
  }
}

extension Stage {
  func crawl(_ name: String, _ options: [String] = [], seeds: [String]) async throws {
    try await add(name, options, seeds: seeds)
    try await control("wait", name, "--for", "done")
  }

  /// Recrawls a task to the end.
  func recrawl(_ name: String, _ options: [String] = []) async throws {
    try await control(["run", "--recrawl", name] + options)
  }

  /// What the fetches of a task say about each URL; empty for those that say nothing.
  func changes(of task: String) throws -> [String: String] {
    let rows = try rows(
      """
      SELECT u.url, max(coalesce(f.change, '')) FROM fetches f JOIN urls u ON u.id = f.url_id
      JOIN tasks t ON t.id = f.task_id WHERE t.name = '\(task)' GROUP BY 1
      """)
    return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] ?? "", $0[1] ?? "") })
  }

  /// Judges a complete recrawl by the site as it was and as it is: requests, outcomes, pages and links.
  ///
  /// - Parameter repeated: requests that the server may have seen twice, because the daemon was killed meanwhile.
  fileprivate func expectRecrawl(
    _ task: String, from before: Site, to after: Site, repeated: ClosedRange<Int> = 0...0
  ) async throws {
    var truth: [String: String] = [:]
    var titles: [String] = []
    for host in 0..<after.hosts {
      for page in 0..<after.pages {
        let (was, exists) = (before.has(page), after.has(page))
        let isSame = was && exists && before.html(host: host, page: page) == after.html(host: host, page: page)
        let isVersioned = after.validators(host: host, page: page) != Validators()
        truth[after.url(host: host, page: page)] =
          switch (was, exists) {
          case (false, false): ""
          case (false, true): "new"
          case (true, false): "gone"
          case (true, true): !isSame ? "changed" : isVersioned ? "not_modified" : "unchanged"
          }
        if exists { titles.append("Page \(page) of host \(host)") }
      }
    }
    #expect(try changes(of: task) == truth)
    let log = await web.log
    #expect(Set(log.pages.map { "http://\($0.host):\(after.port)\($0.target)" }) == Set(truth.keys))
    #expect(repeated.contains(log.statistics().duplicates), "repeated requests: \(log.statistics().duplicates)")
    #expect(log.statistics().robotsViolations == 0)
    let notModified = truth.values.count { $0 == "not_modified" }
    #expect(notModified > 0)
    let answered = Set(log.pages.filter { $0.status == 304 }.map { "\($0.host) \($0.target)" }).count
    #expect(answered == notModified)
    let ofTask = "task_id = (SELECT id FROM tasks WHERE name = '\(task)')"
    #expect(
      try column("SELECT title FROM pages p JOIN urls u ON u.id = p.url_id WHERE u.\(ofTask)").sorted()
        == titles.sorted())
    #expect(try number("SELECT count(*) FROM urls WHERE \(ofTask) AND state IN ('ready', 'delayed', 'failed')") == 0)
    let twice =
      "SELECT count(*) FROM (SELECT url_id FROM fetches WHERE \(ofTask) AND url_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1)"
    #expect(try number(twice) == 0)
    let unlike = """
      SELECT count(*) FROM fetches f LEFT JOIN fetches e ON e.id = f.earlier_fetch_id
      WHERE f.change IN ('not_modified', 'unchanged')
        AND (e.status IS NOT 200 OR f.content_hash IS NULL OR e.content_hash IS NOT f.content_hash)
      """
    #expect(try number(unlike) == 0, "what did not change is not what it was")
    try expectLinks(of: task, site: after)
  }

  private func expectLinks(of task: String, site: Site) throws {
    var truth: Set<[String]> = []
    for host in 0..<site.hosts {
      for page in 0..<site.pages where site.has(page) {
        for target in site.outlinks(host: host, page: page) {
          truth.insert([site.url(host: host, page: page), site.url(target)])
        }
      }
    }
    let known = try rows(
      """
      SELECT source.url, target.url FROM links JOIN urls source ON source.id = source_url_id
      JOIN urls target ON target.id = target_url_id AND target.task_id = source.task_id
      WHERE kind = 'a' AND source.task_id = (SELECT id FROM tasks WHERE name = '\(task)')
      """)
    #expect(Set(known.map { $0.map { $0 ?? "NULL" } }) == truth)
  }
}

extension Site {
  fileprivate func has(_ page: Int) -> Bool { page < pages && !gone.contains(page) }
}
