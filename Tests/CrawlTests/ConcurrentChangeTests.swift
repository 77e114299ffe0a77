import Crawl
import EventLoop
import Foundation
import Store
import Testing

/// Changes of tasks that meet. There is no web: all addresses are refused.
@Suite struct ConcurrentChangeTests {
  /// Each is set at another moment of its task's start.
  @Test func whatIsSetWhileKnownURLsAreLoadedHolds() throws {
    try onLoop { loop, database in
      let ids = try await withCrawler(loop, database) { crawler in
        var ids: [Int64] = []
        for number in 0..<64 {
          let task = Self.task("task\(number)", ["pattern_budget": ["1"]], isPaused: true)
          ids.append(try await crawler.add(task).id)
        }
        return ids
      }
      try await withCrawler(loop, database) { crawler in
        for (number, id) in ids.enumerated() {
          _ = try await crawler.resume(id, actor: "test")
          for _ in 0..<number { await Task.yield() }
          do { _ = try await crawler.set(id, ["pattern_budget": ["none"]], actor: "test") } catch CrawlError.refused {
            // It has ended before.
            continue
          }
          #expect(try await crawler.waitForRest(id, timeout: .seconds(60)))
          let reasons = try await crawler.reasonCounts(id).map(\.reason)
          #expect(reasons == ["address_refused"], "set after \(number) turns of the loop")
        }
      }
    }
  }

  /// The pause was decided on before, and waits until the other change is written.
  @Test func aQuotaThatIsTakenAwayInTimePausesNothing() throws {
    try onLoop { loop, database in
      try await withCrawler(loop, database) { crawler in
        _ = try await crawler.block("127.0.0.1", until: nil, actor: "test")
        let id = try await crawler.add(Self.task("task")).id
        let changes = ["1ms", "none"].map { time in
          loop.startTask(name: "set \(time)") {
            _ = try await crawler.set(id, ["max_time": [time]], actor: "test")
          }
        }
        for change in changes { try await change.value }
        // Changes come one after the other.
        _ = try await crawler.set(id, ["priority": ["3"]], actor: "test")
        #expect(try await crawler.taskReport(id).state == .running)
      }
    }
  }

  /// It is being added when the daemon is told to stop, and so never stored.
  @Test func whoWaitsForATaskThatCanNotBeStoredIsTold() throws {
    try onLoop { loop, database in
      let progress = Progress()
      let (adding, waiting) = try await withCrawler(loop, database) { crawler in
        let adding = loop.startTask(name: "add") {
          // So many that they take several turns of the loop.
          let seeds = (0..<20_000).map { "http://127.0.0.1/item/\($0)" }
          return try await crawler.add(TaskSubmission(seeds: seeds, name: "task", settings: [:], actor: "test")).id
        }
        let waiting = loop.startTask(name: "wait") { () async throws -> Bool in
          while true {
            do {
              progress.isWaiting = true
              return try await crawler.waitForRest(1, timeout: .seconds(20))
            } catch CrawlError.noSuchTask where !progress.isStopping {
              progress.isWaiting = false
              await Task.yield()
            }
          }
        }
        // It has not been told at once that there is no such task.
        var turns = 0
        while turns < 3 {
          await Task.yield()
          turns = progress.isWaiting ? turns + 1 : 0
        }
        progress.isStopping = true
        return (adding, waiting)
      }
      await #expect(throws: CrawlError.self) { try await adding.value }
      do {
        let isAtRest = try await waiting.value
        Issue.record("it waited for nothing: \(isAtRest)")
      } catch CrawlError.noSuchTask {}
    }
  }

  private static func task(
    _ name: String, _ settings: [String: [String]] = [:], isPaused: Bool = false
  ) -> TaskSubmission {
    TaskSubmission(
      seeds: [1, 2].map { "http://127.0.0.1/item/\($0)" }, name: name,
      settings: settings.merging(["robots": ["ignore"], "delay": ["1ms"]]) { $1 }, isPaused: isPaused, actor: "test")
  }
}

/// Lives on the loop's thread.
private final class Progress: @unchecked Sendable {
  var isWaiting = false
  var isStopping = false
}
