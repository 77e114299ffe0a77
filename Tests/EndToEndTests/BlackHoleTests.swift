import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// One good host among hosts that accept and never answer, never accept, or refuse.
  @Suite struct BlackHoles {
    private static func add(_ count: Int, to stage: Stage) async throws -> [String] {
      let hole = { (number: Int) in "b\(number).test" }
      await stage.web.setScript { name, _, _ in name.hasPrefix("b") ? [.hold] : nil }
      var names = await stage.web.hostsFile
      for number in 0..<count {
        names.add(hole(number), at: ["127.0.9.1", "127.0.9.249", "127.0.9.252"][number % 3])
      }
      try TextFile.write(names.text, to: stage.hostsFile)
      return (0..<count).map { stage.url("/", on: hole($0)) }
    }

    /// Crawls a good host together with so many holes, by a daemon of its own. Returns its pages per second, by the server's
    /// stamps.
    private static func crawl(pages: Int, holes: Int) throws -> Double {
      let measured = Measured()
      try Stage.play(Site(hosts: 1, pages: pages), limit: .seconds(300)) { stage in
        let deaf = DeafServer(address: 0x7F00_09F9, port: stage.site.port)
        defer { withExtendedLifetime(deaf) {} }
        try stage.replaceConfiguration("")
        let seeds = try await add(holes, to: stage)
        try await stage.withDaemon { _ in
          try await stage.add("good", seeds: [stage.url("/")] + seeds)
          // The whole of the good host is there while every hole still holds what was asked of it.
          try await stage.web.waitForRequests(pages + 1, on: "h0.test")
          try await stage.web.waitForHolds((holes + 2) / 3)
          if holes == 0 {
            try await stage.control("wait", "good", "--for", "done")
          } else {
            try await stage.control("cancel", "good")
          }
        }
        #expect(await stage.web.requests(on: "h0.test") == pages + 1, "robots.txt and each page once")
        try await stage.expectSound()
        let arrivals = await stage.web.log.pages.filter { $0.host == "h0.test" }.map(\.arrived)
        guard let first = arrivals.min(), let last = arrivals.max() else { return }
        measured.rate = Double(pages - 1) / ((last - first) / .seconds(1))
      }
      return measured.rate
    }

    /// `scripts/soak black-holes` measures the rate: alone, and among the holes.
    @Test func aGoodHostIsCrawledAmongThem() throws {
      let holes = Soak.number("HOLES", usual: 30)
      let pages = Soak.number("PAGES", usual: 200)
      let rounds = Soak.number("ROUNDS", usual: 0)
      var best = 0.0
      if rounds == 0 { best = try Self.crawl(pages: pages, holes: holes) }
      let share = Double(Soak.number("SHARE", usual: 0)) / 100
      for _ in 0..<rounds where best < share {
        let alone = try Self.crawl(pages: pages, holes: 0)
        let among = try Self.crawl(pages: pages, holes: holes)
        best = max(best, among / alone)
        Soak.say(
          "\(Int(alone)) pages per second alone, \(Int(among)) among \(holes) black holes: \(Int(100 * among / alone)) %"
        )
      }
      #expect(best > share)
    }
  }
}

/// What a play has measured.
private final class Measured: @unchecked Sendable {
  var rate = 0.0
}
