import TestWeb
import Testing

extension EndToEndTests {
  /// The rules of a task that change while it is crawled, judged by the requests that the server has had.
  @Suite struct Rules {
    /// 60 pages: one at depth 0, 8 at depth 1, 51 at depth 2.
    private static let site = Site(pages: 60)

    @Test func widerRulesLetInWhatTheyHadExcluded() throws {
      try Stage.play(Self.site) { stage in
        try await stage.withDaemon { _ in
          let rules = ["--open", "--depth", "1", "--exclude", "**/p/3", "--exclude", "**/nowhere"]
          try await stage.add("wide", rules, seeds: [stage.url("/")])
          // robots.txt, and all of depth 1 but one.
          try await stage.web.waitForRequests(9, on: "h0.test")
          try await self.reached(stage, "SELECT count(*) FROM urls WHERE state = 'done'", 8)
          let excluded = try await stage.control("why", stage.url("/p/3"))
          #expect(excluded.contains("it matches an exclude pattern (exclude=**/p/3)"), "\(excluded)")
          let deep = try await stage.control("why", stage.url("/p/20"))
          #expect(deep.contains("it is deeper than max_depth (depth 2, max_depth=1)"), "\(deep)")
          let task = try await stage.control("why", "wide")
          #expect(task.contains("are excluded (depth, exclude, follow, robots)"), "\(task)")
          try await stage.control("set", "wide", "max_depth=none", "exclude=")
          // Its last seeds have come, but not all that the rules let in now.
          try await stage.control("seal", "wide")
          try await stage.control("wait", "wide", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 60)
        #expect(try stage.number("SELECT count(*) FROM urls WHERE reason IN ('depth', 'exclude')") == 0)
        #expect(await stage.web.log.statistics().duplicates == 0)
        #expect(await stage.web.log.statistics().robotsViolations == 0)
        try await stage.expectSound()
      }
    }

    /// What a header section said of the links of what is no page, of which there is no row.
    @Test func whatSaysNofollowLeadsNowhereByWiderRulesEither() throws {
      try Stage.play(Self.site) { stage in
        await stage.plantNofollow(in: "/old")
        try await stage.withDaemon { _ in
          let rules = ["--open", "--follow", "+feed,+sitemap,+link-next", "--exclude", "**/old/**", "--depth", "1"]
          try await stage.add("wide", rules, seeds: [stage.url("/start")])
          try await self.reached(stage, "SELECT count(*) FROM urls WHERE state = 'done'", 4)
          #expect(try stage.number("SELECT count(*) FROM urls WHERE reason = 'exclude'") == 4)
          try await stage.control("set", "wide", "exclude=")
          try await stage.control("set", "wide", "max_depth=5")
          try await stage.control("seal", "wide")
          try await stage.control("wait", "wide", "--for", "done")
        }
        let fates = "SELECT DISTINCT state || ' ' || reason FROM urls WHERE url LIKE '%/old/%'"
        #expect(try stage.column(fates) == ["excluded nofollow"])
        try await stage.expectSound()
      }
    }

    @Test func whatTheyLetInIsNotForgottenByAKill() throws {
      try Stage.play(Self.site) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("wide", ["--open", "--depth", "0"], seeds: [stage.url("/")])
          try await stage.web.waitForRequests(2, on: "h0.test")
          try await stage.control("pause", "wide")
        }
        try await stage.withDaemon { daemon in
          // Its URLs are not loaded: it is paused since the daemon's start.
          try await stage.control("set", "wide", "max_depth=none")
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          try await stage.control("resume", "wide")
          try await stage.control("seal", "wide")
          try await stage.control("wait", "wide", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 60)
        #expect(await stage.web.log.statistics().duplicates == 0)
        try await stage.expectSound()
      }
    }

    /// A URL that was tried in vain is excluded when it is to be tried again.
    @Test func whatHadBeenTriedComesBackAlsoAfterAKill() throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        try stage.replaceConfiguration(
          "[politeness]\nmax_attempts = 20\nretry_delay = \"100ms\"\nmax_retry_delay = \"1s\"\n")
        await stage.web.plant(.html("<a href=\"/flaky\">flaky</a>"), at: "/links", on: "h0.test")
        await stage.web.plant(Response(status: 503), at: "/flaky", on: "h0.test")
        try await stage.withDaemon { daemon in
          try await stage.add("rules", ["--open"], seeds: [stage.url("/links")])
          try await self.reached(stage, "SELECT coalesce(max(attempts), 0) FROM urls WHERE url LIKE '%/flaky'", 1)
          try await stage.control("set", "rules", "exclude=**/flaky")
          try await self.reached(stage, "SELECT count(*) FROM urls WHERE reason = 'exclude'", 1)
          try await daemon.kill()
        }
        await stage.web.plant(.html("here again"), at: "/flaky", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.control("set", "rules", "exclude=")
          try await stage.control("seal", "rules")
          try await stage.control("wait", "rules", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 2)
        try await stage.expectSound()
      }
    }

    @Test func whatARobotsFileForbidsIsLetInWhenItIsIgnored() throws {
      try Stage.play(Self.site) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("wide", ["--open"], seeds: [stage.url("/private/1")])
          try await self.reached(stage, "SELECT count(*) FROM urls WHERE reason = 'robots'", 1)
          try await stage.control("set", "wide", "delay=1ms")
          try await stage.control("set", "wide", "robots=ignore")
          try await stage.control("seal", "wide")
          try await stage.control("wait", "wide", "--for", "done")
        }
        #expect(await stage.web.log.entries.map(\.target).contains("/private/1"))
        try await stage.expectSound()
      }
    }

    /// A budget that a user gives a host is a rule of every task.
    @Test func aLargerBudgetOfAHostLetsInMore() throws {
      try Stage.play(Self.site) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("wide", ["--open", "--host-budget", "5"], seeds: [stage.url("/")])
          try await stage.web.waitForRequests(6, on: "h0.test")
          try await self.reached(stage, "SELECT count(*) FROM urls WHERE state = 'done'", 5)
          let page = try stage.column("SELECT url FROM urls WHERE reason = 'budget_host' LIMIT 1").first ?? ""
          let why = try await stage.control("why", page)
          #expect(why.contains("its host's budget is used up (host_budget=5)"), "\(why)")
          try await stage.control("set", "--host", "h0.test", "budget=1000")
          try await stage.control("seal", "wide")
          try await stage.control("wait", "wide", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 60)
        #expect(await stage.web.log.statistics().duplicates == 0)
        try await stage.expectSound()
      }
    }

    /// Nothing of a task that has ended is judged anew, and nobody notes what the budget was.
    @Test func ofABudgetThatChangedAfterwardsItIsSaidThatItIsTheOneOfNow() throws {
      try Stage.play(Self.site) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("small", ["--paused"], seeds: [stage.url("/")])
          try await stage.control("set", "--host", "h0.test", "budget=5")
          try await stage.control("resume", "small")
          try await stage.control("wait", "small", "--for", "done")
          let page = try stage.column("SELECT url FROM urls WHERE reason = 'budget_host' LIMIT 1").first ?? ""
          for (budget, text) in [("50", "a user's budget=50 of the host by now"), ("none", "none by now")] {
            try await stage.control("set", "--host", "h0.test", "budget=\(budget)")
            let why = try await stage.control("why", page)
            #expect(why.contains("its host's budget is used up (\(text))"), "\(why)")
          }
        }
      }
    }

    /// The robots.txt of a host is read after the first page has named URLs there, and forbids those that had found places.
    @Test(arguments: [("--host-budget", "budget_host"), ("--pattern-budget", "budget_pattern")], [false, true])
    func placesThatRobotsTxtTakesBackGoToOthers(budget: (option: String, reason: String), isKilled: Bool) throws {
      try Stage.play(Site(hosts: 2, pages: 1)) { stage in
        let places = (1...5).map { "/item/0\($0)" } + (1...5).map { "/item/1\($0)" }
        let links = places.map { "<a href=\"\(stage.url($0, host: 1))\">x</a>" }.joined()
        await stage.web.plant(.html(links), at: "/links", on: "h0.test")
        await stage.web.plant(.text("User-agent: *\nDisallow: /item/0\n"), at: "/robots.txt", on: "h1.test")
        for place in places { await stage.web.plant(.html("page"), at: place, on: "h1.test") }
        let rules = ["--scope", "any", budget.option, "5", "--delay", "0"]
        try await stage.withDaemon { daemon in
          // A kill may leave the judgement to the next daemon.
          try await stage.add("wide", rules + ["--open"], seeds: [stage.url("/links")])
          try await self.reached(stage, "SELECT count(*) FROM urls WHERE reason = 'robots'", 5)
          if isKilled { try await daemon.kill() }
        }
        try await stage.withDaemon { _ in
          try await stage.control("seal", "wide")
          try await stage.control("wait", "wide", "--for", "done")
        }
        let asked = await stage.web.log.pages.filter { $0.host == "h1.test" }.map(\.target)
        // What was in flight at the kill is asked for again.
        #expect(Set(asked) == Set(places.suffix(5)) && (isKilled || asked.count == 5))
        #expect(try stage.number("SELECT count(*) FROM urls WHERE reason = '\(budget.reason)'") == 0)
        try await stage.expectSound()
      }
    }

    /// It is no rule any more, and the task's URLs are not loaded meanwhile.
    @Test func aBudgetOfAHostThatIsTakenBackWhileATaskIsPausedLetsInAll() throws {
      try Stage.play(Self.site) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("wide", ["--open", "--paused"], seeds: [stage.url("/")])
          try await stage.control("set", "--host", "h0.test", "budget=5")
          try await stage.control("resume", "wide")
          try await self.reached(stage, "SELECT count(*) FROM urls WHERE state = 'done'", 5)
          try await stage.control("pause", "wide")
        }
        #expect(try stage.number("SELECT count(*) FROM urls WHERE reason = 'budget_host'") > 0)
        try await stage.withDaemon { daemon in
          try await stage.control("set", "--host", "h0.test", "budget=none")
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          try await stage.control("seal", "wide")
          try await stage.control("resume", "wide")
          try await stage.control("wait", "wide", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 60)
        #expect(await stage.web.log.statistics().duplicates == 0)
        try await stage.expectSound()
      }
    }

    private func reached(_ stage: Stage, _ sql: String, _ number: Int) async throws {
      while try stage.number(sql) < number { try await stage.control("status") }
    }
  }
}
