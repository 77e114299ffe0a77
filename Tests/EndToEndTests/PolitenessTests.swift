import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// What a server asks for is heard in each form in which it may say so.
  @Suite struct Politeness {
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
  }
}
