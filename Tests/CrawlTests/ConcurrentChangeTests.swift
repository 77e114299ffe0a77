import Crawl
import EventLoop
import Foundation
import Logging
import Store
import Testing

/// Changes of tasks that meet. There is no web: all addresses are refused.
@Suite struct ConcurrentChangeTests {
  /// Each is set at another moment of its task's start.
  @Test func whatIsSetWhileKnownURLsAreLoadedHolds() throws {
    try onLoop { loop, database in
      let ids = try await Self.withCrawler(loop, database) { crawler in
        var ids: [Int64] = []
        for number in 0..<64 {
          let task = Self.task("task\(number)", ["pattern_budget": ["1"]], isPaused: true)
          ids.append(try await crawler.add(task).id)
        }
        return ids
      }
      try await Self.withCrawler(loop, database) { crawler in
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
      try await Self.withCrawler(loop, database) { crawler in
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

  private static func task(
    _ name: String, _ settings: [String: [String]] = [:], isPaused: Bool = false
  ) -> TaskSubmission {
    TaskSubmission(
      seeds: [1, 2].map { "http://127.0.0.1/item/\($0)" }, name: name,
      settings: settings.merging(["robots": ["ignore"], "delay": ["1ms"]]) { $1 }, isPaused: isPaused, actor: "test")
  }

  private static func withCrawler<T: Sendable>(
    _ loop: EventLoop, _ database: String, _ body: @Sendable (Crawler) async throws -> T
  ) async throws -> T {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let crawler = try await Crawler.open(CrawlConfiguration(database: database), logger: logger, loop: loop)
    try await crawler.recover()
    await crawler.begin()
    do {
      let result = try await body(crawler)
      try await crawler.stop(grace: nil)
      return result
    } catch {
      try await crawler.stop(grace: nil)
      throw error
    }
  }

  /// Runs a body as the main coroutine of a loop of its own, with a database that goes with the test.
  private func onLoop(_ body: @escaping @Sendable (EventLoop, _ database: String) async throws -> Void) throws {
    let directory = NSTemporaryDirectory() + "/crawl-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let loop = try EventLoop()
    try loop.runUntilComplete { try await body(loop, directory + "/crawl.db") }
    try loop.close()
  }
}
