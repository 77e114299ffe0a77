import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// What the hostile web costs: memory and CPU; and, by `scripts/soak hostile`, time and the rate of others.
  @Suite struct HostileCosts {
    private static let rounds = Soak.number("HOSTILE_ROUNDS", usual: 0)

    /// Each bomb alone. `scripts/soak hostile` has all of them, and counts their CPU, too.
    @Test func aBombCostsLittleMemory() throws {
      let bombs = Self.rounds > 0 ? Fault.bombs : Fault.bombs.filter { $0.name.hasSuffix("-bomb") }
      try Stage.play { stage in
        try await stage.withDaemon { daemon in
          // What the first fetch needs is there; the daemon gives back what a task has left when it ends.
          let seeds = [stage.url("/")] + bombs.map { stage.url($0.target) }
          for (number, seed) in seeds.enumerated() {
            let before = Footprint(of: daemon.process.id)
            try Footprint.forgetHighest(of: daemon.process.id)
            try await stage.add(
              "fetch\(number)", ["--robots", "ignore", "--depth", "0"], seeds: [seed])
            _ = try await stage.crawlctl(["wait", "fetch\(number)", "--for", "done"])
            let after = Footprint(of: daemon.process.id)
            guard number > 0 else { continue }
            let (bytes, seconds) = (after.highestBytes - before.bytes, after.processorTime - before.processorTime)
            #expect(bytes <= 20 << 20, "\(seed) took \(bytes >> 10) KiB")
            if Self.rounds > 0 {
              #expect(seconds <= 1, "\(seed) took \(seconds) s of CPU")
              Soak.say("\(bombs[number - 1].name): \(max(0, bytes >> 10)) KiB, \(Int(seconds * 1_000)) ms of CPU")
            }
          }
        }
        // One is in a redirect, whose target has the outcome.
        let outcomes = try stage.column("SELECT DISTINCT outcome FROM fetches WHERE id > 1 AND redirect_to IS NULL")
        #expect(Set(outcomes).isSubset(of: bombs.flatMap(\.outcomes)))
      }
    }

    /// A crawl of good hosts, a page of each every 50 ms, with or without every fault of the hostile web beside it.
    private static func crawl(pages: Int, besideFaults isBeside: Bool) throws -> Result {
      let found = Found()
      try Stage.play(Site(hosts: Fault.all.count / 9, pages: pages), limit: .seconds(300)) { stage in
        let good = (0..<stage.site.hosts).map { stage.url("/", host: $0) }
        try await HostileWeb.run(beside: stage.web, in: "\(stage.directory)/tls") { hostile in
          try stage.replaceConfiguration(HostileCrawl.configuration(hostile))
          try await stage.withDaemon { _ in
            let crawl = HostileCrawl(stage: stage, hostile: hostile)
            try await stage.control(["add", "--name", "good", "--delay", "50ms", "--concurrency", "2"] + good)
            if isBeside { try await crawl.add() }
            try await stage.control("wait", "good", "--for", "done")
            if isBeside { try await crawl.waitUntilDone() }
          }
        }
        let names = Set((0..<stage.site.hosts).map { stage.site.name(ofHost: $0) })
        let arrivals = await stage.web.log.pages.filter { names.contains($0.host) }.map(\.arrived)
        #expect(arrivals.count == good.count * pages)
        if let first = arrivals.min(), let last = arrivals.max() {
          found.result.rate = Double(arrivals.count) / ((last - first) / .seconds(1))
        }
        let times = """
          SELECT h.name, max(f.time_total - coalesce(f.time_queue, 0)) FROM fetches f LEFT JOIN urls u ON u.id = f.url_id
          JOIN hosts h ON h.id = coalesce(f.host_id, u.host_id) GROUP BY h.name
          """
        for row in try stage.rows(times) { found.result.longest[row[0] ?? ""] = Int(row[1] ?? "") }
      }
      return found.result
    }

    private struct Result {
      /// Pages of good hosts per second, by the server's stamps.
      var rate = 0.0
      /// Microseconds of the longest fetch of each host, without what it waited for a place.
      var longest: [String: Int] = [:]
    }

    private final class Found: @unchecked Sendable {
      var result = Result()
    }

    /// Every fault ends within its limit and a second, at the best of three; nine tenths of the good hosts' rate are kept.
    @Test(.enabled(if: rounds > 0, "for scripts/soak hostile")) func faultsEndInTimeAndGoodHostsKeepTheirRate() throws {
      let pages = Soak.number("PAGES", usual: 400)
      var best = 0.0
      var late = Set(Fault.all.map(\.name))
      for _ in 0..<Self.rounds where best < 0.9 || !late.isEmpty {
        let alone = try Self.crawl(pages: pages, besideFaults: false)
        let beside = try Self.crawl(pages: pages, besideFaults: true)
        best = max(best, beside.rate / alone.rate)
        let overdue = Fault.all.filter {
          (beside.longest[$0.host] ?? 0) > (HostileCrawl.seconds(of: $0.limit) + 1) * 1_000_000
        }
        late.formIntersection(overdue.map(\.name))
        Soak.say(
          "\(Int(alone.rate)) pages per second alone, \(Int(beside.rate)) beside \(Fault.all.count) faults: "
            + "\(Int(100 * beside.rate / alone.rate)) %; \(overdue.count) faults took longer than their limit and a second"
        )
      }
      #expect(best >= 0.9)
      #expect(late == [])
    }
  }
}
