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
  }
}
