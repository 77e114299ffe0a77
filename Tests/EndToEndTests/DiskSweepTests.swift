import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// Each write, sync and opening of a file fails once: from the first of a new database on, and from the first of a
  /// daemon on that is ready.
  @Suite struct DiskSweep {
    /// `scripts/soak io` has more of it.
    @Test func whateverCallFailsTheCrawlComesToTheSameEnd() throws {
      let first = Soak.number("FIRST", usual: 1)
      let last = Soak.number("LAST", usual: 0)
      var failures = 0
      for beginning in Beginning.allCases {
        let few = beginning == .creation ? [1, 3, 6, 60, 240] : [1, 2, 5, 9, 14, 30, 60, 120]
        let numbers = last == 0 ? few : Array(first...last)
        // A daemon that is ready has opened its files.
        for fault in Fault.allCases where beginning == .creation || fault != .failedOpen {
          // A crawl and its recrawl have a sync for each page, at most, and many writes.
          let pages = fault == .failedSync && beginning == .readiness ? max(24, last / 2) : 24
          let counted = Counted()
          let site = CrawlMix.site(hosts: 1, pages: pages)
          try Stage.play(site, limit: .seconds(3_600)) { stage in
            try stage.configure(CrawlMix.configuration(stage))
            var tally = Tally()
            for number in numbers where !tally.isExhausted {
              var fresh = stage
              fresh.dataName = "data-\(number)"
              await stage.web.resetLog()
              try TextFile.write("", to: CrawlMix.told(stage))
              // Another sort of crawl each time.
              let crawl = CrawlMix.Crawl(
                name: "swept", hosts: [0], store: ["meta", "text", "body", "all"][number % 4],
                hasHandler: number % 3 < 2,
                isScheduled: number % 5 == 0)
              let mix = CrawlMix(stage.site, [crawl])
              tally.note(try await Life.play(fresh, mix, fault, number: number, since: beginning), number: number)
              // That an end was told may have to be stored more than once.
              try await mix.expectComplete(fresh, tellings: 5)
            }
            if first == 1 { #expect(tally.failures > 0) }
            counted.failures = tally.failures
            Soak.say("\(fault.name) from \(numbers[0]) since \(beginning.name): \(tally)")
          }
          failures += counted.failures
        }
      }
      #expect(failures > 0, "a crawl makes fewer than \(first) calls of any kind: nothing was tried")
    }

    private final class Counted: @unchecked Sendable {
      var failures = 0
    }

    /// From where calls are counted.
    enum Beginning: CaseIterable {
      case creation, readiness

      var name: String {
        switch self {
        case .creation: "a new database"
        case .readiness: "the daemon is ready"
        }
      }
    }

    /// What fails.
    enum Fault: CaseIterable {
      case fullWrite, failedWrites, failedSync, failedOpen

      var name: String {
        switch self {
        case .fullWrite: "ENOSPC at write"
        case .failedWrites: "EIO at three writes from"
        case .failedSync: "EIO at sync"
        case .failedOpen: "EIO at opening"
        }
      }

      /// The calls that fail when `number` is the first.
      func order(_ number: Int) -> (call: Disk.Call, numbers: ClosedRange<Int>, error: Int32) {
        switch self {
        case .fullWrite: (.write, number...number, ENOSPC)
        case .failedWrites: (.write, number...number + 2, EIO)
        case .failedSync: (.sync, number...number, EIO)
        case .failedOpen: (.open, number...number, EIO)
        }
      }
    }
  }
}

/// How the daemons of one crawl fared.
private struct Life: Sendable {
  /// The call that was to fail has been made.
  var hasFailed = false
  var refusedToStart = false
  var refusedTheTask = false

  /// Crawls a site, and crawls it again, while one call fails; a daemon that does not start because of it is started again,
  /// and what is refused is asked for again, as their users would. Nothing else is done for it.
  static func play(
    _ stage: Stage, _ mix: CrawlMix, _ fault: EndToEndTests.DiskSweep.Fault, number: Int,
    since beginning: EndToEndTests.DiskSweep.Beginning
  ) async throws -> Life {
    let disk = try Disk(of: stage)
    let call = fault.order(number).call
    if beginning == .creation { disk.fail(fault.order(number)) }
    var life = Life()
    do {
      let (isRefused, status) = try await stage.withDaemon(environment: disk.environment) { _ in
        if beginning == .readiness { disk.fail(fault.order(disk.count(call) + number)) }
        return try await crawl(stage, mix)
      }
      life.refusedTheTask = isRefused
      // It may be the last checkpoint that fails: then the daemon says so, and the next one makes it.
      #expect(
        status.isSuccess || status == .exited(code: 1) && disk.failures(call) > 0, "\(fault.name) \(number): \(status)")
    } catch let failure as NotReady {
      #expect(failure.status == .exited(code: 1), "\(fault.name) \(number): \(failure)")
      life.refusedToStart = true
      disk.heal()
      _ = try await stage.withDaemon(environment: disk.environment) { _ in try await crawl(stage, mix) }
    }
    life.hasFailed = disk.failures(call) > 0
    return life
  }

  /// Adds the task until it is there, and waits for its end and that of its recrawl.
  private static func crawl(_ stage: Stage, _ mix: CrawlMix) async throws -> Bool {
    var isRefused = false
    while true {
      let added = try await stage.crawlctl(
        ["add", "--name", "swept", "--delay", "0"] + mix.crawls[0].options + [stage.url("/")])
      if added.code == 0 { break }
      try #require(added.code == 1, "\(added)")
      isRefused = true
    }
    // A question may be refused as well.
    let shown = try await stage.crawlctl(["show", "swept"])
    #expect(shown.code == 0 || shown.code == 1 && shown.errors.contains("could not be read"), "\(shown)")
    while let refusal = try await mix.finish(stage, isPaused: false) { try #require(refusal.code == 1, "\(refusal)") }
    return isRefused
  }
}

private struct Tally: CustomStringConvertible {
  private var lives = 0
  private(set) var failures = 0
  private var starts = 0
  private var tasks = 0
  private var lastFailure: Int?
  private var misses = 0

  /// Three crawls in a row had fewer calls than the number. Not every crawl has as many as the next.
  var isExhausted: Bool { misses >= 3 }

  mutating func note(_ life: Life, number: Int) {
    lives += 1
    if life.hasFailed {
      failures += 1
      (lastFailure, misses) = (number, 0)
    } else {
      misses += 1
    }
    if life.refusedToStart { starts += 1 }
    if life.refusedTheTask { tasks += 1 }
  }

  var description: String {
    guard let lastFailure else { return "a crawl has no such call any more: nothing was tried" }
    return
      "to \(lastFailure)\(isExhausted ? ", where a crawl has no more" : ""): \(failures) failures in \(lives) crawls, of which \(starts) kept the daemon from starting and \(tasks) a task from "
      + "being added: 0 lost, 0 doubled"
  }
}
