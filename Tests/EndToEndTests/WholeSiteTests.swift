import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  @Suite struct WholeSite {
    @Test func everyPageOnceAndNothingElse() throws {
      try Stage.play(Site(hosts: 2, pages: 60)) { stage in
        let (_, status) = try await stage.withDaemon { _ in
          try await stage.control(
            "run", "--name", "whole", "--delay", "0", "--concurrency", "4", stage.url("/"), stage.url("/", host: 1))
          // Whoever asks as soon as the verb has ended finds all of it.
          #expect(try stage.number("SELECT count(*) FROM pages") == 120)
        }
        #expect(status.isSuccess)
        try await stage.expectComplete(hosts: [0, 1])
        #expect(await stage.web.log.statistics().robotsRequests == 2)
        #expect(try stage.state(of: "whole") == "finished")
        #expect(try stage.number("SELECT count(*) FROM urls WHERE state = 'excluded' AND reason = 'robots'") == 120)
      }
    }

    @Test func theScopeIsTheSeedsHost() throws {
      try Stage.play(Site(hosts: 2, pages: 30)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("scope", seeds: [stage.url("/")])
          try await stage.control("wait", "scope", "--for", "done")
        }
        try await stage.expectComplete(hosts: [0])
        #expect(await stage.web.requests(on: "h1.test") == 0)
        let outside = "SELECT count(*) FROM urls WHERE reason = 'scope' AND url LIKE 'http://h1.test%'"
        #expect(try stage.number(outside) > 0)
      }
    }

    /// A page that names the next one: nothing is ready when its fetch begins.
    @Test func aChainOfPagesTakesOneConnection() throws {
      var site = Site(hosts: 1, pages: 300)
      site.fanOut = 1
      try Stage.play(site) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("chain", seeds: [stage.url("/")])
          try await stage.control("wait", "chain", "--for", "done")
        }
        try await stage.expectComplete(hosts: [0])
        #expect(await stage.web.log.statistics().connections == 1)
      }
    }

    @Test func theFirstPageOfEachOfManyHostsComesOverTheConnectionOfItsRobots() throws {
      try Stage.play(Site(hosts: 400, pages: 1)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("hosts", seeds: (0..<400).map { stage.url("/", host: $0) })
          try await stage.control("wait", "hosts", "--for", "done")
        }
        let statistics = await stage.web.log.statistics()
        #expect(statistics.robotsRequests == 400 && statistics.distinct == 400)
        #expect(statistics.connections == 400)
      }
    }

    @Test func theDepthIsCountedFromTheSeeds() throws {
      try Stage.play(Site(hosts: 1, pages: 60)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("shallow", ["--depth", "1"], seeds: [stage.url("/")])
          try await stage.control("wait", "shallow", "--for", "done")
        }
        let near = Set(stage.site.outlinks(host: 0, page: 0).filter { !$0.target.hasPrefix("/private/") })
        #expect(Set(await stage.web.log.pages.map(\.target)) == Set(near.map(\.target)).union(["/"]))
        let deeper = "SELECT count(*) FROM urls WHERE state = 'excluded' AND reason = 'depth'"
        #expect(try stage.number(deeper) > 0)
        try await stage.expectSound()
      }
    }

    @Test func aQuotaOfPagesIsNeverOvershot() throws {
      try Stage.play(Site(hosts: 1, pages: 100)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("quota", ["--max-pages", "20"], seeds: [stage.url("/")])
          try await stage.control("wait", "quota", "--for", "done", exit: 13)
        }
        #expect(await stage.web.log.statistics().distinct == 20)
        #expect(try stage.state(of: "quota") == "paused quota_pages")
      }
    }

    /// The daemon's own record of the starts, and the server's of the arrivals: the latter vary with the machine's load,
    /// but not below what the sum of the delays takes.
    @Test func startsAreADelayApart() throws {
      try Stage.play(Site(hosts: 1, pages: 12)) { stage in
        try await stage.withDaemon { _ in
          try await stage.control("run", "--name", "polite", "--delay", "100ms", stage.url("/"))
        }
        try await stage.expectComplete(hosts: [0])
        let starts = try stage.column("SELECT started_at FROM fetches ORDER BY started_at")
        let times = starts.compactMap { Int($0) }
        #expect(times.count == 13)
        for (earlier, later) in zip(times, times.dropFirst()) { #expect(later - earlier >= 90_000) }
        let host = await stage.web.log.statistics().hosts["h0.test"]
        #expect(host?.span ?? .zero >= .milliseconds(1_000))
        #expect(host?.maximumConcurrency == 1)
      }
    }
  }
}
