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

  /// Errors name what was typed and all that is accepted, though it is a task's setting that reads it.
  @Test func whatIsNotAcceptedIsSaidOfTheHostsSetting() throws {
    try onLoop { loop, database in
      try await withCrawler(loop, database) { crawler in
        let task = TaskSubmission(seeds: ["http://one.test/"], name: "task", isPaused: true, actor: "test")
        _ = try await crawler.add(task)
        for (name, text) in [("budget", "abc"), ("budget", "0"), ("delay", "soon"), ("concurrency", "0")] {
          let error = await #expect(throws: CrawlError.self) {
            try await crawler.setHosts(of: "one.test", [name: [text]], actor: "test")
          }
          guard case .setting(let said, _, let accepted) = error else {
            Issue.record("\(name)=\(text): \(error as Any)")
            continue
          }
          #expect(said == name && accepted.hasSuffix(", or none"), "\(accepted)")
        }
        // Nothing was met for what was refused.
        await #expect(throws: CrawlError.self) { try await crawler.why(place: "https://one.test", task: nil) }
        // And https at the port of http is not usual.
        let hosts = try await crawler.setHosts(of: "one.test:80", ["budget": ["4"]], actor: "test")
        #expect(hosts.map(\.origin) == ["http://one.test:80"])
      }
    }
  }

  /// Of a host that waits for nothing, too.
  @Test func whyTellsWhatAUserWantsOfAHost() throws {
    try onLoop { loop, database in
      try await withCrawler(loop, database) { crawler in
        let seeds = ["http://one.test/", "http://two.test/"]
        _ = try await crawler.add(TaskSubmission(seeds: seeds, name: "task", isPaused: true, actor: "test"))
        let values = ["delay": ["9s"], "concurrency": ["2"], "budget": ["4"]]
        _ = try await crawler.setHosts(of: "one.test", values, actor: "test")
        for place in ["http://one.test:80", "https://one.test:443"] {
          let lines = try await crawler.why(place: place, task: nil).lines
          let pace = lines.first { $0.kind == "host_settings" }?.text
          #expect(pace == "delay=9s concurrency=2 for every task there, as a user said", "\(place): \(lines)")
          let budget = lines.first { $0.kind == "host_budget" }?.text ?? ""
          #expect(budget.contains("at most 4 of its URLs"), "\(place): \(lines)")
        }
        let lines = try await crawler.why(place: "two.test", task: nil).lines
        #expect(!lines.contains { $0.kind == "host_settings" || $0.kind == "host_budget" }, "\(lines)")
      }
    }
  }
}
