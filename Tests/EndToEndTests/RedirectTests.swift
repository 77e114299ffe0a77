import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  @Suite struct Redirects {
    private func outcomes(_ stage: Stage) throws -> [String: String] {
      let sql = "SELECT u.url, f.outcome FROM urls u JOIN fetches f ON f.url_id = u.id"
      let rows = try stage.rows(sql)
      return Dictionary(rows.map { ($0[0] ?? "", $0[1] ?? "") }) { "\($0) \($1)" }
    }

    @Test func everyHopIsARow() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.control("run", "--delay", "0", stage.url("/redirect/3"))
          let why = try await stage.control("why", stage.url("/redirect/3"))
          #expect(why.contains("redirected to \(stage.url("/redirect/2"))\n"), "\(why)")
        }
        #expect(
          try outcomes(stage) == [
            stage.url("/redirect/3"): "redirected", stage.url("/redirect/2"): "redirected",
            stage.url("/redirect/1"): "redirected", stage.url("/redirect/0"): "ok",
          ])
      }
    }

    @Test func aLoopIsLeftWhereItBegan() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("loop", seeds: [stage.url("/loop/a")])
          _ = try await stage.crawlctl(["wait", "loop", "--for", "done"])
          let why = try await stage.control("why", stage.url("/loop/a"))
          #expect(why.contains("redirected to \(stage.url("/loop/b")); its redirects lead nowhere\n"), "\(why)")
        }
        #expect(
          try outcomes(stage) == [stage.url("/loop/a"): "redirected", stage.url("/loop/b"): "redirected"])
        #expect(await stage.web.log.statistics().duplicates == 0)
      }
    }

    @Test func aChainIsBounded() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("chain", seeds: [stage.url("/redirect/30")])
          _ = try await stage.crawlctl(["wait", "chain", "--for", "done"])
        }
        #expect(await stage.web.log.statistics().distinct == 11)
        let refused = try stage.column("SELECT url FROM urls WHERE reason = 'redirect_limit'")
        #expect(refused == [stage.url("/redirect/19")])
      }
    }

    /// A redirect is no link, whatever it names.
    @Test func whatARedirectNamesHasTheDepthOfItsURL() throws {
      try Stage.play { stage in
        let locations = ["http://[bad/", "ftp://x.test/", "http://elsewhere.test/"]
        await stage.plant(locations.indices.map { "<a href=/r/\($0)>x</a>" }.joined(), at: "/")
        for (number, location) in locations.enumerated() {
          await stage.web.plant(.redirect(to: location), at: "/r/\(number)", on: "h0.test")
        }
        try await stage.withDaemon { _ in
          try await stage.add("t", seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
        }
        #expect(
          try stage.rows("SELECT reason, depth FROM urls WHERE state = 'excluded' ORDER BY reason")
            == [["scheme_refused", "1"], ["scope", "1"], ["url_invalid", "1"]])
      }
    }

    /// As when a script sets the status, and the field is lost on the way.
    @Test func aRedirectWithoutALocationIsReadAsThePageThatItIs() throws {
      try Stage.play { stage in
        let moved = "<title>Moved</title><meta http-equiv=refresh content='0;url=/only'><a href=/new>here</a>"
        await stage.web.plant(.html(moved, status: 302), at: "/", on: "h0.test")
        for target in ["/only", "/new"] { await stage.plant("<p>page", at: target) }
        try await stage.withDaemon { _ in
          try await stage.add("t", seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
          let why = try await stage.control("why", stage.url("/"))
          #expect(why.contains("ok: the redirect has no Location\n"), "\(why)")
        }
        #expect(await Set(stage.web.log.pages.map(\.target)) == ["/", "/only", "/new"])
        let sql = "SELECT f.status, p.title FROM fetches f JOIN pages p ON p.fetch_id = f.id WHERE f.status <> 200"
        #expect(try stage.rows(sql) == [["302", "Moved"]])
        try await stage.expectSound()
      }
    }

    @Test func whereASeedEndsJoinsTheScope() throws {
      try Stage.play(Site(hosts: 2, pages: 20)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("moved", seeds: [stage.url("/to/1/0")])
          try await stage.control("wait", "moved", "--for", "done")
        }
        let pages = await stage.web.log.pages.filter { $0.host == "h1.test" }.map(\.target)
        #expect(Set(pages).count == 20)
        // The target's own robots.txt is read before its first page.
        let first = await stage.web.log.entries.first { $0.host == "h1.test" }
        #expect(first?.target == "/robots.txt")
      }
    }

    /// A page has named it, out of scope, before the seed's answer came.
    @Test func whereASeedEndsIsVisitedWhoeverHasNamedItBefore() throws {
      var site = Site(hosts: 3, pages: 5)
      site.crossLinks = 0
      try Stage.play(site) { stage in
        let target = stage.url("/", host: 2)
        await stage.web.plant(.html("<a href=\"\(target)\">partner</a>"), at: "/links", on: "h0.test")
        await stage.web.plant(
          [.hold, .send(Response.redirect(to: target, status: 301).serialised())], at: "/old", on: "h1.test")
        try await stage.withDaemon { _ in
          try await stage.add("both", seeds: [stage.url("/links"), stage.url("/old", host: 1)])
          try await stage.web.waitForHolds(1)
          while try stage.number("SELECT count(*) FROM urls WHERE reason = 'scope'") == 0 {
            try await stage.control("status")
          }
          await stage.web.release()
          try await stage.control("wait", "both", "--for", "done")
        }
        #expect(await Set(stage.web.log.pages.filter { $0.host == "h2.test" }.map(\.target)).count == 5)
        #expect(try stage.number("SELECT count(*) FROM urls WHERE state = 'done'") == 7)
        #expect(try stage.number("SELECT depth FROM urls WHERE url = '\(target)'") == 0)
        try await stage.expectSound()
      }
    }

    /// Its robots.txt names sitemaps before its first page has it join the scope.
    @Test func whatWasNamedWhereASeedEndsIsVisitedThoughItJoinsTheScopeLater() throws {
      var site = Site(hosts: 2, pages: 30)
      site.isLinked = false
      try Stage.play(site) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("moved", ["--follow", "a,sitemap"], seeds: [stage.url("/to/1/0")])
          try await stage.control("wait", "moved", "--for", "done")
        }
        let truth = stage.site.urls(ofHosts: [0, 1])
        #expect(truth.subtracting(try stage.column("SELECT url FROM urls WHERE state = 'done'")) == [])
        #expect(await stage.web.log.statistics().duplicates == 0)
        // What a kill has left undone is done at the next start.
        let sitemaps = "url LIKE 'http://h1.test:%/sitemap%'"
        try stage.write(
          """
          UPDATE task_counters SET done = done - (SELECT count(*) FROM urls WHERE \(sitemaps)),
            final_answers = final_answers - (SELECT count(*) FROM urls WHERE \(sitemaps)),
            excluded = excluded + (SELECT count(*) FROM urls WHERE \(sitemaps));
          UPDATE urls SET state = 'excluded', reason = 'scope', attempts = 0 WHERE \(sitemaps);
          UPDATE tasks SET state = 'paused', desired_state = 'paused', finished_at = NULL
          """)
        try await stage.withDaemon { _ in
          try await stage.control("resume", "moved")
          try await stage.control("wait", "moved", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM urls WHERE \(sitemaps) AND state = 'done'") == 4)
        #expect(try stage.number("SELECT count(*) FROM urls WHERE reason = 'scope'") == 0)
      }
    }

    /// A handler judges where a redirect leads, whatever spelling of the same URL it is.
    @Test func whereARedirectLeadsIsJudgedInEachSpelling() throws {
      try Stage.play { stage in
        let body = """
          answer["drop"] = {url: "a session" for url in call["urls"] if url.endswith("?sid=1")}
          answer["rewrite"] = {url: "/new" for url in call["urls"] if url.endswith("?sid=2")}
          answer["rewrite"].update({url: "/c?sid=4" for url in call["urls"] if url.endswith("?sid=3")})
          """
        try stage.configure(Stage.handler("judge", try stage.python("judge", body)))
        await stage.plant("<a href=/a>a</a><a href=/b>b</a><a href=/c>c</a>", at: "/")
        for target in ["/new", "/a?sid=1", "/b?sid=2", "/c?sid=3", "/c?sid=4"] {
          await stage.plant("<p>page", at: target)
        }
        for (target, location) in [("/a", "/a?sid=1"), ("/b", "/b?sid=2"), ("/c", "/c?sid=3")] {
          await stage.web.plant(.redirect(to: location), at: target, on: "h0.test")
        }
        try await stage.withDaemon { _ in
          try await stage.add("t", ["--handler", "judge", "--drop-parameter", "sid"], seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
        }
        let served = await stage.web.log.pages.map(\.target)
        #expect(served.sorted() == ["/", "/a", "/b", "/c", "/c?sid=4", "/new"], "\(served)")
        #expect(
          try stage.rows("SELECT url, verdict, words FROM handler_verdicts ORDER BY url") == [
            [stage.url("/a?sid=1"), "drop", "a session"], [stage.url("/b?sid=2"), "rewrite", stage.url("/new")],
            [stage.url("/c?sid=3"), "rewrite", stage.url("/c?sid=4")],
          ])
        #expect(
          try stage.rows("SELECT url, state, reason FROM urls WHERE url LIKE '%/a%' OR url LIKE '%/c%' ORDER BY 1")
            == [[stage.url("/a"), "done", "redirected"], [stage.url("/c?sid=4"), "done", nil]])
        try await stage.expectSound()
      }
    }
  }
}
