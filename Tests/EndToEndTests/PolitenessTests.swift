import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// What a server asks for is heard in each form in which it may say so.
  @Suite struct Politeness {
    /// `scripts/soak politeness` has more of it.
    @Test func aMixedCrawlIsPoliteOverKillsAndPausesAndChanges() throws {
      let site = Site(hosts: Soak.number("HOSTS", usual: 10), pages: Soak.number("PAGES", usual: 6))
      let moments = Soak.number("MOMENTS", usual: 9)
      try Stage.play(site, limit: .seconds(900)) { stage in
        let crawl = MixedCrawl(stage, seed: UInt64(Soak.number("SEED", usual: 1)), moments: moments)
        let verdict = try await crawl.run()
        #expect(verdict.violations == [])
        for rule in PolitenessJudge.Rule.allCases { #expect(verdict.judged[rule] ?? 0 > 0, "\(rule) was not judged") }
        try await crawl.expectComplete()
        let judged = PolitenessJudge.Rule.allCases.map { "\($0.rawValue) \(verdict.judged[$0] ?? 0)" }
        Soak.say(
          "\(await stage.web.log.count) requests, \(await crawl.stock.kills) kills, \(await crawl.pauses) pauses, "
            + "\(await crawl.changes) changes of settings; violations: \(verdict.violations.count); judged: "
            + judged.joined(separator: ", "))
      }
    }

    @Test func thePaceOfOneTaskSlowsNoOtherDownAfterARestart() throws {
      try Stage.play(Site(hosts: 2, pages: 3)) { stage in
        try await stage.withDaemon { _ in
          for name in ["slow", "paused"] {
            try await stage.control("add", "--name", name, "--delay", "1h", "--robots", "ignore", stage.url("/"))
          }
          try await stage.control("pause", "paused")
          try await stage.web.waitForRequests(1)
        }
        try await stage.withDaemon { _ in
          try await stage.add("quick", seeds: [stage.url("/", host: 1)])
          try await stage.control("wait", "quick", "--for", "done")
          // Its rows are read first.
          while try await !stage.control("why", "slow").contains("in 59m") {}
        }
        #expect(await stage.web.requests(on: "h0.test") == 1)
        try await stage.expectSound()
      }
    }

    /// The host's row was never stored, and the page that leads there is visited again.
    @Test func aKillForgetsNoRequestToAHostThatWasJustMet() throws {
      try Stage.play(Site(hosts: 2, pages: 3)) { stage in
        let page = Response.html("<a href=\"\(stage.url("/", host: 1))\">x</a>").serialised()
        await stage.web.plant([.hold, .send(page)], at: "/links", on: "h0.test")
        try await stage.withDaemon { daemon in
          let options = ["--paused", "--name", "met", "--scope", "any", "--robots", "ignore", "--delay", "1s"]
          try await stage.control(["add"] + options + [stage.url("/links")])
          try await stage.control("set", "--host", "h0.test", "delay=0")
          try await stage.control("resume", "met")
          try await stage.web.waitForHolds(1)
          let holder = try Holder(stage.database, "BEGIN IMMEDIATE")
          await stage.web.release()
          try await stage.web.waitForRequests(1, on: "h1.test")
          try await daemon.kill()
          holder.close()
        }
        #expect(try stage.number("SELECT count(*) FROM hosts") == 1)
        await stage.web.plant(.html("<a href=\"\(stage.url("/", host: 1))\">x</a>"), at: "/links", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.web.waitForRequests(2, on: "h1.test")
          try await stage.control("cancel", "met")
        }
        let times = await stage.web.log.entries.filter { $0.host == "h1.test" }.map(\.arrived)
        #expect(times[1] - times[0] >= .milliseconds(950))
        try await stage.expectSound()
      }
    }

    @Test func aRobotsFileThatIsCutShortHoldsAsFarAsItGoes() throws {
      try Stage.play(Site(hosts: 1, pages: 20)) { stage in
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nUser-agent: *\nDisallow: /p/\n"
        await stage.web.plant([.send(Array(cut.utf8)), .close], at: "/robots.txt", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("cut", seeds: [stage.url("/")])
          try await stage.control("wait", "cut", "--for", "done")
        }
        #expect(await stage.web.log.pages.filter { $0.target.hasPrefix("/p/") }.isEmpty)
        #expect(try stage.number("SELECT count(*) FROM urls WHERE reason = 'robots'") > 0)
      }
    }

    @Test func aDateInRetryAfterBlocksTheHost() throws {
      try Stage.play(Site(hosts: 1, pages: 20)) { stage in
        let answer = Response(status: 429, fields: ["Retry-After: Fri, 31 Dec 2100 23:59:59 GMT"])
        await stage.web.plant(answer, at: "/", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("later", seeds: [stage.url("/"), stage.url("/p/1")])
          try await stage.web.waitForAnswers(2)
          try await stage.control("cancel", "later")
          try await stage.control("wait", "later", "--for", "done", exit: 12)
        }
        // An hour is the longest that a server is believed.
        #expect(try stage.column("SELECT DISTINCT retry_after FROM fetches WHERE status = 429") == ["3600000000"])
        #expect(try stage.number("SELECT count(*) FROM hosts WHERE blocked_until IS NOT NULL") == 1)
      }
    }

    @Test func redirectsOfRobotsFilesAreFollowed() throws {
      try Stage.play(Site(hosts: 2, pages: 20)) { stage in
        let target = stage.url("/rules.txt", host: 1)
        await stage.web.plant(.redirect(to: target), at: "/robots.txt", on: "h0.test")
        await stage.web.plant(.text("User-agent: *\nDisallow: /p/\n"), at: "/rules.txt", on: "h1.test")
        try await stage.withDaemon { _ in
          try await stage.add("moved", seeds: [stage.url("/")])
          try await stage.control("wait", "moved", "--for", "done")
        }
        #expect(await stage.web.log.pages.filter { $0.target == "/rules.txt" }.count == 1)
        #expect(await stage.web.log.pages.filter { $0.target.hasPrefix("/p/") }.isEmpty)
      }
    }

    /// Their turns there come after the time in which a file that can't be read is tried.
    @Test func manyHostsMayHaveTheirRobotsFileOnOne() throws {
      try Stage.play(Site(hosts: 6, pages: 1)) { stage in
        for host in 0..<5 {
          await stage.web.plant(
            .redirect(to: stage.url("/robots.txt", host: 5)), at: "/robots.txt", on: "h\(host).test")
        }
        try await stage.withDaemon { _ in
          let seeds = (0..<5).map { stage.url("/", host: $0) }
          try await stage.add("many", ["--delay", "500ms", "--depth", "0"], seeds: seeds)
          try await stage.control("wait", "many", "--for", "done")
        }
        #expect(try stage.column("SELECT DISTINCT state FROM urls WHERE via_url_id IS NULL") == ["done"])
        #expect(await stage.web.requests(on: "h5.test") == 5)
      }
    }

    @Test func whatARobotsFileHasSaidOutlivesTheDaemon() throws {
      try Stage.play(Site(hosts: 1, pages: 5)) { stage in
        await stage.web.plant(.text("User-agent: *\nDisallow: /p/2\n"), at: "/robots.txt", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("before", ["--depth", "0"], seeds: [stage.url("/")])
          try await stage.control("wait", "before", "--for", "done")
        }
        try Holder(stage.database, "UPDATE hosts SET robots_expires_at = 1").close()
        await stage.web.plant(Response(status: 500), at: "/robots.txt", on: "h0.test")
        for name in ["first", "second"] {
          try await stage.withDaemon { _ in
            try await stage.add(name, ["--depth", "0"], seeds: [stage.url("/p/1"), stage.url("/p/2")])
            try await stage.control("wait", name, "--for", "done")
            let why = try await stage.control("why", "h0.test")
            #expect(why.contains("what it said when it was read last holds until it can be"), "\(why)")
          }
        }
        let fates = """
          SELECT state || ' ' || coalesce(reason, '') FROM urls WHERE task_id > 1 AND via_url_id IS NULL ORDER BY id
          """
        #expect(try stage.column(fates) == ["done ", "excluded robots", "done ", "excluded robots"])
        #expect(try stage.column("SELECT robots_state FROM hosts") == ["known"])
      }
    }

    /// Each of two user agents reads the file for itself, and one of them is asked for more.
    @Test func theCrawlDelayOfOneAgentIsKeptWhenAnotherReadsTheFile() throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        let rules = Response.text("User-agent: slow-bot\nCrawl-delay: 2\n\nUser-agent: *\nDisallow: /private\n")
        let page = Response.html(stage.site.html(host: 0, page: 0)).serialised()
        await stage.web.plant(rules, at: "/robots.txt", on: "h0.test")
        await stage.web.plant([.hold, .send(page)], at: "/", on: "h0.test")
        let delay = "SELECT crawl_delay FROM hosts"
        try await stage.withDaemon { daemon in
          try await stage.add("slow", ["--delay", "0", "--user-agent", "slow-bot/1"], seeds: [stage.url("/")])
          try await stage.web.waitForHolds(1)
          try await stage.control("set", "--host", "h0.test", "concurrency=2")
          try await stage.add("fast", ["--delay", "0"], seeds: [stage.url("/nowhere")])
          while try stage.number("SELECT count(*) FROM fetches WHERE url_id IS NULL") < 2 {
            try await stage.control("status")
          }
          #expect(try stage.column(delay) == ["2000000"])
          try await daemon.kill()
          await stage.web.release()
        }
      }
    }

    /// A clock that was days ahead when the file was read, and has been put right since, says nothing of its age.
    @Test func aRobotsFileThatIsToBeKeptForDaysIsReadAgain() throws {
      try Stage.play(Site(hosts: 1, pages: 5)) { stage in
        for name in ["first", "second", "third"] {
          try await stage.withDaemon { _ in
            try await stage.add(name, ["--depth", "0"], seeds: [stage.url("/")])
            try await stage.control("wait", name, "--for", "done")
          }
          // The second finds it as it was written.
          let days = name == "first" ? 0 : 2
          let microseconds = days * 86_400_000_000
          let sql = "UPDATE hosts SET robots_expires_at = robots_expires_at + \(microseconds)"
          try Holder(stage.database, sql).close()
        }
        let targets = await stage.web.log.entries.map(\.target)
        #expect(targets == ["/robots.txt", "/", "/", "/robots.txt", "/"])
      }
    }

    @Test func aRobotsFileThatRedirectsForEverForbidsAll() throws {
      try Stage.play(Site(hosts: 1, pages: 5)) { stage in
        await stage.web.plant(.redirect(to: stage.url("/robots.txt")), at: "/robots.txt", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("loop", seeds: [stage.url("/")])
          try await stage.control("wait", "loop", "--for", "done", exit: 10)
          #expect(try await stage.control("why", stage.url("/")).contains("(redirected, in a loop, too often"))
          // It is the host's, and no URL of a task.
          #expect(try await stage.control("why", stage.url("/robots.txt")).contains("robots.txt unreachable"))
          try await stage.control("why", "http://nowhere.test/robots.txt", exit: 4)
        }
        // The first request and five redirects, and nothing else.
        #expect(await stage.web.log.entries.map(\.target) == Array(repeating: "/robots.txt", count: 6))
        #expect(try stage.column("SELECT DISTINCT reason FROM urls") == ["robots_unreachable"])
      }
    }

    @Test func hostsOfOneAddressShareItsLimit() throws {
      try Stage.play(Site(hosts: 6, pages: 1)) { stage in
        try stage.replaceConfiguration("[politeness]\nper_address = 2\n")
        var names = HostsFile()
        for host in 0..<6 {
          names.add(stage.site.name(ofHost: host), at: "127.0.9.1")
          let page = Response.html(stage.site.html(host: host, page: 0)).serialised()
          await stage.web.plant([.hold, .send(page)], at: "/", on: stage.site.name(ofHost: host))
        }
        try TextFile.write(names.text, to: stage.hostsFile)
        try await stage.withDaemon { _ in
          try await stage.add("shared", seeds: (0..<6).map { stage.url("/", host: $0) })
          for round in 1...3 {
            try await stage.web.waitForHolds(2 * round)
            let why = try await stage.control("why", "shared")
            #expect(why.contains("to their IP address") == (round < 3))
            await stage.web.release()
          }
          try await stage.control("wait", "shared", "--for", "done")
        }
        let statistics = await stage.web.log.statistics()
        #expect(statistics.maximumConcurrency == 2)
        #expect(statistics.requests == 12 && statistics.distinct == 6, "a robots.txt and a page of each, once")
      }
    }

    @Test func aDeadHostIsLeftAloneAndSaysSo() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          // Nobody listens on port 1.
          let seeds = (0..<20).map { "http://h0.test:1/\($0)" }
          try await stage.add("dead", ["--robots", "ignore", "--delay", "0"], seeds: seeds)
          var why = ""
          repeat { why = try await stage.control("why", "dead") } while !why.contains("was silent")
          try await stage.control("cancel", "dead")
        }
        #expect(try stage.column("SELECT block_reason FROM hosts") == ["outage"])
        // Five, and what was in flight beside the fifth.
        #expect((5...8).contains(try stage.number("SELECT count(*) FROM fetches WHERE outcome = 'connect_refused'")))
      }
    }

    @Test func headersOfAnyAnswerAreRead() throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        let refresh = Response(
          fields: ["Content-Type: image/png", "Refresh: 0;url=/next", "Link: </c>; rel=\"canonical\""], body: [1])
        let next = Response(
          fields: [
            "Content-Type: text/plain", "Content-Type: text/html", "Link: </other>; rel=canonical",
            "X-Robots-Tag: nofollow, otherbot: noindex", "Refresh: 0;url=/never",
          ], body: Array("<a href=/never>x</a><meta name=crawld content=noarchive>".utf8))
        await stage.web.plant(refresh, at: "/start", on: "h0.test")
        await stage.web.plant(next, at: "/next", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("headers", seeds: [stage.url("/start")])
          try await stage.control("wait", "headers", "--for", "done")
        }
        #expect(await stage.web.log.pages.map(\.target) == ["/start", "/next"])
        #expect(
          try stage.rows("SELECT canonical_url, robots FROM pages") == [[stage.url("/other"), "noarchive,nofollow"]])
        #expect(
          try stage.column(
            "SELECT l.kind || ' ' || u.url FROM links l JOIN urls u ON u.id = l.target_url_id ORDER BY 1")
            == [
              "a \(stage.url("/never"))", "canonical \(stage.url("/c"))", "canonical \(stage.url("/other"))",
              "refresh \(stage.url("/never"))", "refresh \(stage.url("/next"))",
            ])
        #expect(try stage.column("SELECT reason FROM urls WHERE url LIKE '%never'") == ["nofollow"])
      }
    }
  }
}
