import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// The daemon is killed at moments that a seed chooses, and started again, until the site is complete.
  @Suite struct Kill {
    private static let seeds = (0..<Soak.number("SEEDS", usual: 2)).map { Soak.number("SEED", usual: 1) + $0 }

    /// `scripts/soak kill` has more of it, and kills at system calls as well.
    @Test(arguments: seeds) func nothingIsLostAndNothingDoubled(seed: Int) throws {
      let kills = Soak.number("KILLS", usual: 5)
      let site = CrawlMix.site(hosts: 4, pages: Soak.number("PAGES", usual: 600) / 4)
      try Stage.play(site, limit: .seconds(1_800)) { stage in
        var mix = CrawlMix(
          stage.site,
          [
            .init(name: "all", hosts: [0], store: "all", hasHandler: true, isScheduled: true),
            .init(name: "text", hosts: [1], store: "text", hasHandler: true),
            .init(name: "body", hosts: [2], store: "body", isScheduled: true),
            .init(name: "meta", hosts: [3], store: "meta"),
          ])
        // Checkpoints are among what is interrupted.
        try stage.configure("[store]\ncheckpoint = \"1MiB\"\n" + CrawlMix.configuration(stage))
        var killer = Killer(
          seed: UInt64(seed), requestsBetween: site.hosts * site.pages / kills,
          usesSystemCalls: Soak.number("SYSTEM_CALLS", usual: 0) > 0)
        try await stage.withDaemon { [mix] _ in try await mix.add(stage, ["--paused"]) }
        var stock = Stock(inFlight: 2 * CrawlMix.maxWaiting + 2 * 4)
        var counts: [String: Int] = [:]
        while stock.kills < kills, let end = try await stage.live(until: killer.next(), mix) {
          counts[end, default: 0] += 1
          try await stock.take(stage, isKilled: true)
          try mix.expectStored(stage)
          if stock.kills == kills / 2 { await mix.revise(stage) }
        }
        try await stage.withDaemon { [mix] _ in
          let refusal = try await mix.finish(stage)
          #expect(refusal == nil, "\(refusal?.description ?? "")")
        }
        // What had been asked for and was not committed at a kill is asked for again, and nothing else is.
        try await stock.take(stage, isKilled: false)
        try await mix.expectComplete(stage, repeated: 0...stock.unrecorded, tellings: 1 + stock.kills)
        let recrawls = try stage.number("SELECT count(*) FROM tasks WHERE recrawl_of IS NOT NULL")
        let pages = try stage.number("SELECT count(*) FROM pages")
        Soak.say(
          "seed \(seed): \(stock.kills) kills ("
            + counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
            + ") over \(site.hosts * site.pages) pages, \(recrawls) recrawls of them and a handler, \(pages) pages stored: "
            + "0 lost, 0 doubled, \(stock.unrecorded) requests repeated, at most \(stock.mostForgotten) after one kill")
      }
    }

    @Test func whatWasInFlightIsFetchedAgain() throws {
      try Stage.play { stage in
        try await stage.withDaemon { daemon in
          try await stage.add("held", seeds: [stage.url(Fault.slowFirstByte.target)])
          try await stage.web.waitForHolds(1)
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          try await stage.web.waitForHolds(2)
          await stage.web.release()
          try await stage.control("wait", "held", "--for", "done")
        }
        let fetches = try stage.column("SELECT outcome FROM fetches WHERE url_id IS NOT NULL")
        #expect(fetches == ["ok"])
        try await stage.expectSound()
      }
    }
  }
}

/// Chooses how the daemon is killed next.
private struct Killer {
  enum Manner: Sendable {
    /// When the server has seen so many requests more, and so much time later.
    case requests(Int, later: Duration)
    /// When it makes a system call for the n-th time: a write to the database's files, or a sync of one.
    case systemCall(String, number: Int)

    var name: String {
      switch self {
      case .requests: "at requests"
      case .systemCall(let name, _): "at \(name)"
      }
    }
  }

  private let numbers: SeededNumbers
  private let requestsBetween: Int
  private let usesSystemCalls: Bool
  private var draws: UInt64 = 0

  init(seed: UInt64, requestsBetween: Int, usesSystemCalls: Bool) {
    numbers = SeededNumbers(seed: seed)
    self.requestsBetween = max(2, requestsBetween)
    self.usesSystemCalls = usesSystemCalls
  }

  mutating func next() -> Manner {
    switch usesSystemCalls ? draw(below: 4) : 0 {
    case 1: .systemCall("pwrite64", number: 1 + draw(below: 300))
    case 2: .systemCall("fdatasync", number: 1 + draw(below: 10))
    default:
      .requests(
        1 + draw(below: 2 * requestsBetween - 1), later: usesSystemCalls ? .microseconds(draw(below: 20_000)) : .zero)
    }
  }

  private mutating func draw(below bound: Int) -> Int {
    draws += 1
    return numbers.draw(draws, below: bound)
  }
}

extension Stage {
  /// The life of a daemon until it is killed. Returns where that was; nil when all crawls were done before.
  fileprivate func live(until manner: Killer.Manner, _ mix: CrawlMix) async throws -> String? {
    do {
      let (isKilled, status) =
        switch manner {
        case .requests(let count, let later):
          try await withDaemon { daemon in
            let next = await web.log.count + count
            return try await ends(daemon, before: mix) {
              try await web.waitForRequests(next)
              if later > .zero { try await loop.sleep(for: later) }
              try await daemon.kill()
            }
          }
        case .systemCall(let name, let number):
          try await withDaemon(under: [
            "strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(name)", "-e",
            "inject=\(name):signal=KILL:when=\(number)",
          ]) { daemon in
            try await ends(daemon, before: mix)
          }
        }
      guard isKilled else { return nil }
      #expect(status == .signalled(number: SIGKILL, dumpedCore: false))
      return manner.name
    } catch let error as NotReady {
      #expect(error.status == .signalled(number: SIGKILL, dumpedCore: false))
      return "before it was ready"
    }
  }

  /// Whether the daemon comes to its end before the crawls do. Its answers may be lost with it.
  private func ends(
    _ daemon: Daemon, before mix: CrawlMix, by strike: @escaping @Sendable () async throws -> Void = {}
  ) async throws -> Bool {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await strike()
        _ = try await daemon.process.waitForExit()
        return true
      }
      group.addTask { try await mix.finish(self) != nil }
      defer { group.cancelAll() }
      let isFirst = try await group.next() ?? false
      if isFirst { _ = try await daemon.process.waitForExit() }
      return isFirst
    }
  }
}
