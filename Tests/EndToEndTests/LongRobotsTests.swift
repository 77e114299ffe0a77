import TestWeb
import Testing

extension EndToEndTests {
  /// robots.txt files that do not stay in memory.
  @Suite struct LongRobots {
    private static let hosts = 8

    /// 100 KiB, the first of whose rules forbids a page of the site's.
    private static let text =
      "User-agent: *\nDisallow: /private\n" + (0..<5_000).map { "Disallow: /nothing/\($0)\n" }.joined()

    private func plant(_ stage: Stage) async {
      for host in 0..<Self.hosts {
        await stage.web.plant(.text(Self.text), at: "/robots.txt", on: stage.site.name(ofHost: host))
      }
    }

    private func crawl(_ name: String, _ stage: Stage) async throws {
      try await stage.crawl(name, seeds: (0..<Self.hosts).map { stage.url("/", host: $0) })
    }

    /// The server's log has so many requests for a robots.txt, one for each page and task, and none for what is forbidden.
    private func expectObedience(_ stage: Stage, robots: Int, tasks: Int) async throws {
      let targets = await stage.web.log.entries.map(\.target)
      #expect(targets.count { $0 == "/robots.txt" } == robots)
      #expect(targets.count { $0.hasPrefix("/private") } == 0)
      #expect(targets.count == robots + tasks * Self.hosts * stage.site.pages)
      let forbidden = try stage.number("SELECT count(*) FROM urls WHERE reason = 'robots' AND url LIKE '%/private/%'")
      #expect(forbidden == tasks * Self.hosts * stage.site.pages)
      try await stage.expectSound()
    }

    @Test func theyAreReadFromTheirRowsAfterARestart() throws {
      try Stage.play(Site(hosts: Self.hosts, pages: 8)) { stage in
        await plant(stage)
        try await stage.withDaemon { _ in try await crawl("before", stage) }
        try await stage.withDaemon { _ in try await crawl("after", stage) }
        try await expectObedience(stage, robots: Self.hosts, tasks: 2)
      }
    }

    /// The rules of a file take about 200 KiB.
    @Test func theyAreReadAgainWhenTheyWereGivenUp() throws {
      try Stage.play(Site(hosts: Self.hosts, pages: 8)) { stage in
        try stage.replaceConfiguration("[robots]\nmax_rules = \"1MiB\"\n")
        await plant(stage)
        try await stage.withDaemon { _ in try await crawl("first", stage) }
        try await stage.withDaemon { _ in
          try await crawl("second", stage)
          try await crawl("third", stage)
        }
        try await expectObedience(stage, robots: Self.hosts, tasks: 3)
      }
    }
  }
}
