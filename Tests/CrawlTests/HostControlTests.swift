import Crawl
import Frontier
import Testing

/// What users want of hosts.
@Suite struct HostControlTests {
  /// A seed with http leads to https often: what is wanted of a name counts for both before the other is known.
  @Test func aNameIsThatOfHTTPAndHTTPS() throws {
    try onLoop { loop, database in
      try await withCrawler(loop, database) { crawler in
        let seeds = ["http://one.test/", "https://two.test/", "http://three.test:8080/"]
        _ = try await crawler.add(TaskSubmission(seeds: seeds, name: "task", isPaused: true, actor: "test"))
        let places = [
          ("one.test", ["http://one.test:80", "https://one.test:443"]),
          ("two.test", ["http://two.test:80", "https://two.test:443"]),
          ("http://one.test:80", ["http://one.test:80"]), ("three.test", ["http://three.test:8080"]),
        ]
        for (place, origins) in places {
          let hosts = try await crawler.setHosts(of: place, ["delay": ["10s"], "budget": ["5"]], actor: "test")
          #expect(Set(hosts.map(\.origin)) == Set(origins), "\(place)")
          #expect(hosts.allSatisfy { $0.settings.delay == 10_000_000 && $0.settings.budget == 5 }, "\(place)")
        }
      }
      try await withCrawler(loop, database) { crawler in
        let hosts = try await crawler.setHosts(of: "one.test", ["concurrency": ["2"]], actor: "test")
        #expect(hosts.count == 2 && hosts.allSatisfy { $0.settings.budget == 5 }, "after a restart, too")
        await #expect(throws: CrawlError.self) {
          try await crawler.setHosts(of: "nowhere.test", ["delay": ["1s"]], actor: "test")
        }
      }
    }
  }
}
