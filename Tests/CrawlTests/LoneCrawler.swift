import Crawl
import EventLoop
import Foundation
import Logging

/// Runs a body with a crawler without a daemon. There is no web: all addresses are refused.
func withCrawler<T: Sendable>(
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
func onLoop(_ body: @escaping @Sendable (EventLoop, _ database: String) async throws -> Void) throws {
  let directory = NSTemporaryDirectory() + "/crawl-test-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: directory) }
  let loop = try EventLoop()
  try loop.runUntilComplete { try await body(loop, directory + "/crawl.db") }
  try loop.close()
}
