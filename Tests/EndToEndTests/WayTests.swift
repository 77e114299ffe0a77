import TestWeb
import Testing

extension EndToEndTests {
  /// Which of the links that name a URL decide about it, judged by the requests that the server has had.
  @Suite struct Ways {
    private static let site = Site(hosts: 1, pages: 1)

    /// Pages whose texts are links.
    private func plant(_ pages: [String: String], _ stage: Stage) async {
      for (target, links) in pages { await stage.web.plant(.html(links), at: target, on: "h0.test") }
    }

    private func plantSitemap(_ target: String, index: Bool = false, naming url: String, _ stage: Stage) async {
      let (list, element) = index ? ("sitemapindex", "sitemap") : ("urlset", "url")
      let place = "<\(element)><loc>\(stage.url(url))</loc></\(element)>"
      let text = "<\(list) xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\(place)</\(list)>"
      await stage.web.plant(
        Response(fields: ["Content-Type: application/xml"], body: Array(text.utf8)), at: target, on: "h0.test")
    }

    private func asked(_ stage: Stage) async -> [String] {
      await stage.web.log.entries.map(\.target).filter { $0 != "/robots.txt" }.sorted()
    }

    private func reached(_ stage: Stage, _ sql: String, _ number: Int) async throws {
      while try stage.number(sql) < number { try await stage.control("status") }
    }

    private static let done = "SELECT count(*) FROM urls WHERE state = 'done'"

    /// The first page names `/x/1` as an image only, and `/x/2` with nofollow; the second links to both.
    private static let named = [
      "/": "<img src=/x/1><a rel=nofollow href=/x/2>2</a><a href=/p>p</a>",
      "/p": "<a href=/x/1>1</a><a href=/x/2>2</a>", "/x/1": "1", "/x/2": "2",
    ]

    @Test(arguments: [
      (["--exclude", "**/x/*"], "exclude=none", "exclude"), (["--include", "**/p"], "include=none", "include"),
      (["--host-budget", "2"], "host_budget=none", "budget_host"), (["--depth", "1"], "max_depth=none", "depth"),
    ])
    func whatWiderRulesLetInIsJudgedByAllThatNamesIt(rules: [String], wider: String, reason: String) throws {
      try Stage.play(Self.site) { stage in
        await self.plant(Self.named, stage)
        try await stage.withDaemon { daemon in
          try await stage.add("wide", rules + ["--open", "--nofollow", "obey"], seeds: [stage.url("/")])
          try await self.reached(stage, Self.done, 2)
          #expect(try stage.number("SELECT count(*) FROM urls WHERE reason = '\(reason)'") > 0)
          try await stage.control("set", "wide", wider)
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          try await stage.control("seal", "wide")
          try await stage.control("wait", "wide", "--for", "done")
        }
        // A fetch that the kill broke off is begun anew.
        #expect(Set(await self.asked(stage)) == ["/", "/p", "/x/1", "/x/2"])
        #expect(try stage.number("SELECT count(*) FROM pages") == 4)
        try await stage.expectSound()
      }
    }

    /// What an open task excludes does not wait for its seal.
    @Test(arguments: [
      ("<a rel=nofollow href=/x>x</a>", ["--nofollow", "obey"], "nofollow"),
      ("<a href=/q>q</a>", ["--depth", "2"], "depth"),
    ])
    func aKindThatIsFollowedLetsInWhatAnotherRuleExcluded(page: String, rules: [String], reason: String) throws {
      try Stage.play(Self.site) { stage in
        await self.plant(
          ["/": "<img src=/x><a href=/p>p</a>", "/p": page, "/q": "<a href=/x>x</a>", "/x": "x"], stage)
        try await stage.withDaemon { _ in
          try await stage.add("wide", ["--open"] + rules, seeds: [stage.url("/")])
          let pages = reason == "depth" ? 3 : 2
          try await self.reached(stage, Self.done, pages)
          try await stage.control("set", "wide", "follow=+img")
          try await self.reached(stage, Self.done, pages + 1)
        }
        let asked = await self.asked(stage)
        #expect(asked.count { $0 == "/x" } == 1, "\(asked)")
        try await stage.expectSound()
      }
    }

    /// While an exclusion stood, a page nearer to the seed has named it.
    @Test func whatIsTooDeepByItsFirstPageIsLetInByAnother() throws {
      try Stage.play(Self.site) { stage in
        await self.plant(
          [
            "/": "<a href=/a>a</a>", "/a": "<a href=/b>b</a>", "/b": "<a href=/x>x</a>", "/near": "<a href=/x>x</a>",
            "/x": "x",
          ], stage)
        try await stage.withDaemon { _ in
          try await stage.add("wide", ["--open", "--depth", "2", "--exclude", "**/x"], seeds: [stage.url("/")])
          try await self.reached(stage, "SELECT count(*) FROM urls WHERE reason = 'exclude'", 1)
          try await stage.control("offer", "wide", stage.url("/near"))
          try await self.reached(stage, Self.done, 4)
          try await stage.control("set", "wide", "exclude=none")
          try await self.reached(stage, Self.done, 5)
        }
        #expect(try stage.number("SELECT depth FROM urls WHERE url LIKE '%/x'") == 1)
      }
    }

    /// A sitemap says no nofollow, be it of the third level.
    @Test(arguments: [false, true], [false, true])
    func whatASitemapNamesIsLetIn(isExcludedFirst: Bool, isNested: Bool) throws {
      try Stage.play(Self.site) { stage in
        await self.plant(["/": "<a rel=nofollow href=/x>x</a>", "/x": "x"], stage)
        await self.plantSitemap("/third.xml", naming: "/x", stage)
        await self.plantSitemap("/second.xml", index: true, naming: "/third.xml", stage)
        await self.plantSitemap("/first.xml", index: true, naming: "/second.xml", stage)
        let rules = ["--open", "--nofollow", "obey", "--exclude", "**/x"]
        try await stage.withDaemon { _ in
          try await stage.add("wide", rules + ["--follow", "a,sitemap"], seeds: [stage.url("/")])
          try await self.reached(stage, Self.done, 1)
          try await stage.control("offer", "wide", stage.url(isNested ? "/first.xml" : "/third.xml"))
          try await self.reached(stage, Self.done + " AND url LIKE '%/third.xml'", 1)
          if isExcludedFirst {
            try await stage.control("set", "wide", "follow=a", "exclude=none")
            try await self.reached(stage, "SELECT count(*) FROM urls WHERE reason = 'nofollow'", 1)
            try await stage.control("set", "wide", "follow=a,sitemap")
          } else {
            try await stage.control("set", "wide", "exclude=none")
          }
          try await self.reached(stage, Self.done + " AND url LIKE '%/x'", 1)
        }
        let asked = await self.asked(stage)
        #expect(asked.count { $0 == "/x" } == 1, "\(asked)")
        try await stage.expectSound()
      }
    }

    private static let many = 300

    /// Two pages name very many excluded URLs: some as links at once, the others as images first.
    private func addMany(_ stage: Stage, then steer: () async throws -> Void) async throws {
      let numbers = 1...Self.many
      await self.plant(
        [
          "/": numbers.map { "<a href=/x/y\($0)>y</a><img src=/x/z\($0)>" }.joined() + "<a href=/p>p</a>",
          "/p": numbers.map { "<a href=/x/z\($0)>z</a>" }.joined(),
        ], stage)
      await self.plant(
        Dictionary(uniqueKeysWithValues: numbers.flatMap { [("/x/y\($0)", "y"), ("/x/z\($0)", "z")] }), stage)
      try await stage.add("many", ["--open", "--exclude", "**/x/*"], seeds: [stage.url("/")])
      try await self.reached(stage, Self.done, 2)
      try await stage.control("set", "many", "exclude=none")
      try await steer()
    }

    private func expectMany(_ stage: Stage) async throws {
      try await stage.control("seal", "many")
      try await stage.control("wait", "many", "--for", "done")
      #expect(Set(await self.asked(stage)).count == 2 + 2 * Self.many)
      #expect(try stage.number("SELECT count(*) FROM pages") == 2 + 2 * Self.many)
      try await stage.expectSound()
    }

    @Test func aKillInTheMiddleOfAJudgementLosesNothing() throws {
      try Stage.play(Self.site) { stage in
        try await stage.withDaemon { daemon in
          try await self.addMany(stage) {
            try await self.reached(
              stage, "SELECT count(*) FROM urls WHERE url LIKE '%/x/y%' AND state <> 'excluded'", 1)
            try await daemon.kill()
          }
        }
        try await stage.withDaemon { _ in try await self.expectMany(stage) }
      }
    }

    @Test func aTaskIsSteeredWhileItsExcludedURLsAreJudged() throws {
      try Stage.play(Self.site) { stage in
        try await stage.withDaemon { _ in
          try await self.addMany(stage) {
            try await stage.control("pause", "many")
            try await stage.control("set", "many", "exclude=**/x/*")
            try await stage.control("set", "many", "exclude=none")
            try await stage.control("resume", "many")
          }
          try await self.expectMany(stage)
        }
      }
    }

    @Test func aTaskIsCancelledWhileItsExcludedURLsAreJudged() throws {
      try Stage.play(Self.site) { stage in
        try await stage.withDaemon { _ in
          try await self.addMany(stage) { try await stage.control("cancel", "many") }
          _ = try await stage.crawlctl(["wait", "many"])
          #expect(try stage.number("SELECT count(*) FROM tasks WHERE state = 'cancelled'") == 1)
        }
        try await stage.expectSound()
      }
    }

    /// Eleven old moves lead to a page that others go on linking to.
    @Test func whatTooLongAChainNamesIsVisitedWhenALinkNamesIt() throws {
      try Stage.play(Self.site) { stage in
        await self.plant(
          ["/": "<a href=/old/1>old</a>", "/about": "<a href=/news>news</a>", "/news": "news"], stage)
        for number in 1...11 {
          let location = number == 11 ? "/news" : "/old/\(number + 1)"
          await stage.web.plant(
            Response(status: 301, fields: ["Location: \(location)"]), at: "/old/\(number)", on: "h0.test")
        }
        try await stage.withDaemon { daemon in
          try await stage.add("moved", ["--open"], seeds: [stage.url("/")])
          try await self.reached(stage, "SELECT count(*) FROM urls WHERE reason = 'redirect_limit'", 1)
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          try await stage.control("offer", "moved", stage.url("/about"))
          try await stage.control("seal", "moved")
          try await stage.control("wait", "moved", "--for", "done")
        }
        #expect(await self.asked(stage).count { $0 == "/news" } == 1)
        try await stage.expectSound()
      }
    }
  }
}
