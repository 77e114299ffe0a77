import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// Retry-After of a redirect is about the request that it leads to, whatever host that goes to (RFC 9110 section 10.2.3).
  @Suite struct RedirectTimes {
    private static func redirect(to url: String, after seconds: Int) -> Response {
      var response = Response.redirect(to: url)
      response.fields.append("Retry-After: \(seconds)")
      return response
    }

    @Test func whatARedirectLeadsToIsAskedForWhenItSays() throws {
      try Stage.play(Site(hosts: 2, pages: 1)) { stage in
        await stage.web.plant(Self.redirect(to: stage.url("/", host: 1), after: 3_600), at: "/go", on: "h0.test")
        let options = ["--scope", "any", "--robots", "ignore", "--delay", "0", "--depth", "0"]
        try await stage.withDaemon { daemon in
          try await stage.add("go", options, seeds: [stage.url("/go")])
          let target = stage.url("/", host: 1)
          var why = ""
          repeat { why = try await stage.crawlctl(["why", target]).output } while why.isEmpty
          #expect(why.contains("it is fetched when the redirect that leads to it allows (Retry-After)"), "\(why)")
          let whole = try await stage.control("why", "go")
          #expect(whole.contains("1 URL waits for another try after a failure, or for a redirect's"), "\(whole)")
          try await daemon.kill()
        }
        let waits = """
          SELECT u.state, u.reason, u.redirects, (u.due_at - f.started_at) / 60000000 BETWEEN 60 AND 61
          FROM urls u, fetches f WHERE u.url LIKE '%//h1%'
          """
        #expect(try stage.rows(waits) == [["delayed", "retry_after", "1", "1"]])
        // A daemon that takes it up does not bring it forward.
        try await stage.withDaemon { _ in
          try await stage.control("status")
          #expect(try stage.rows(waits) == [["delayed", "retry_after", "1", "1"]])
        }
        #expect(await stage.web.requests(on: "h1.test") == 0)
        try stage.write("UPDATE urls SET due_at = 1 WHERE state = 'delayed'")
        try await stage.withDaemon { _ in try await stage.control("wait", "go", "--for", "done") }
        #expect(await stage.web.requests(on: "h1.test") == 1)
        try await stage.expectSound()
      }
    }

    /// The way back leads to the URL from which it came, which has set a cookie meanwhile.
    @Test func theWayBackOverAnotherHostIsHeldBackToo() throws {
      try Stage.play(Site(hosts: 2, pages: 1)) { stage in
        let (home, login) = (stage.url("/"), stage.url("/login", host: 1))
        await stage.web.setScript { name, target, visit in
          switch (name, target, visit) {
          case ("h0.test", "/", 1): [.send(Response(status: 302, fields: ["Location: \(login)", "Set-Cookie: a=b"]))]
          case ("h1.test", "/login", _):
            [.send(Self.redirect(to: home, after: 1))]
          default: nil
          }
        }
        let options = ["--scope", "any", "--robots", "ignore", "--delay", "0", "--depth", "0", "--cookies"]
        try await stage.withDaemon { _ in
          try await stage.add("back", options, seeds: [stage.url("/")])
          try await stage.control("wait", "back", "--for", "done")
        }
        let log = await stage.web.log.entries
        try #require(log.map(\.target) == ["/", "/login", "/"])
        #expect(log[2].arrived - log[1].arrived >= .milliseconds(950))
        try await stage.expectSound()
      }
    }

    @Test func aRobotsFileElsewhereIsAskedForWhenTheRedirectSays() throws {
      try Stage.play(Site(hosts: 2, pages: 1)) { stage in
        let target = stage.url("/rules.txt", host: 1)
        await stage.web.plant(Self.redirect(to: target, after: 3_600), at: "/robots.txt", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("held", ["--delay", "0"], seeds: [stage.url("/")])
          let told = "redirects elsewhere, to be asked for later (Retry-After), until"
          while try await !stage.control("why", "held").contains(told) {}
          for subject in ["h0.test", stage.url("/")] {
            let why = try await stage.control("why", subject)
            #expect(why.contains(told) && why.contains("(in 59m") && !why.contains("could not be read"), "\(why)")
          }
          #expect(try await !stage.control("ps").contains("robots.txt"), "nothing is in flight meanwhile")
          try await stage.control("pause", "held", "--now")
          try await stage.control("wait", "held", "--for", "paused")
        }
        #expect(await stage.web.log.entries.map(\.target) == ["/robots.txt"])
        await stage.web.plant(Self.redirect(to: target, after: 1), at: "/robots.txt", on: "h0.test")
        await stage.web.plant(.text("User-agent: *\nDisallow:\n"), at: "/rules.txt", on: "h1.test")
        try stage.write("UPDATE hosts SET blocked_until = NULL, block_reason = NULL, next_fetch_at = NULL")
        try await stage.withDaemon { _ in
          try await stage.control("resume", "held")
          try await stage.control("wait", "held", "--for", "done")
        }
        let log = await stage.web.log.entries
        #expect(log.map(\.target).prefix(3) == ["/robots.txt", "/robots.txt", "/rules.txt"])
        if log.count > 2 { #expect(log[2].arrived - log[1].arrived >= .milliseconds(950)) }
        try await stage.expectSound()
      }
    }

    /// Many hosts have one robots.txt: as many as may wait for its host's turn do, and the others hold nothing meanwhile.
    @Test func manyRobotsFilesAtOneHostAreAskedForInTurn() throws {
      let count = 80
      try Stage.play(Site(hosts: count, pages: 1)) { stage in
        try stage.replaceConfiguration("[robots]\nwindow = \"1h\"\n")
        await stage.web.plant(.text("User-agent: *\nAllow: /\n"), at: "/rules", on: "h0.test")
        for host in 1..<count {
          await stage.web.plant(.redirect(to: stage.url("/rules", host: 0)), at: "/robots.txt", on: "h\(host).test")
        }
        try await stage.withDaemon { _ in
          try await stage.control("block", stage.url("", host: 0), "--for", "2h")
          let seeds = (1..<count).map { stage.url("/", host: $0) }
          try await stage.add("many", ["--delay", "1ms", "--depth", "0"], seeds: seeds)
          let told = "the robots.txt of \(count - 1 - 64) hosts redirects to a host that 64 others wait for"
          while try await !stage.control("why", "many").contains(told) {}
          try await stage.control("unblock", "h0.test")
          try await stage.control("wait", "many", "--for", "done")
        }
        #expect(try stage.column("SELECT DISTINCT state FROM urls WHERE depth = 0") == ["done"])
        let log = await stage.web.log.entries
        #expect(log.count { $0.target == "/rules" } == count - 1)
        #expect(log.count { $0.target == "/robots.txt" } == count - 1, "each goes on where it was")
        try await stage.expectSound()
      }
    }
  }
}
