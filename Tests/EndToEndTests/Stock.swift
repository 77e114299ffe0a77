import EventLoop
import Glibc
import TestWeb
import Testing

/// What is stored and what is not, judged at the end of each daemon of a crawl.
struct Stock: Sendable {
  /// What a kill makes forgotten beside the fetches in flight: visits that wait for their transaction.
  private static let uncommittedLimit = 64

  private(set) var kills = 0
  /// Requests that the server has seen and no row tells of: they are made again, and nothing else is.
  private(set) var unrecorded = 0
  /// The most of them that one kill has made.
  private(set) var mostForgotten = 0
  private var pages = 0
  /// The most fetches that can be in flight at one time.
  private let inFlight: Int

  init(inFlight: Int) { self.inFlight = inFlight }

  /// Judges what the daemon that has just ended left behind, and returns when all of its requests were in the log.
  @discardableResult
  mutating func take(_ stage: Stage, isKilled: Bool) async throws -> EventLoop.Instant {
    try await stage.web.settle()
    let now = Instant.monotonicNow
    try await stage.expectSound()
    let log = await stage.web.log
    let forgotten = log.count - (try stage.number("SELECT count(*) FROM fetches")) - unrecorded
    let limit = isKilled ? inFlight + Self.uncommittedLimit : 0
    #expect((0...limit).contains(forgotten), "requests that are made again")
    unrecorded += forgotten
    mostForgotten = max(mostForgotten, forgotten)
    if isKilled { kills += 1 }

    let pagesNow = try stage.number("SELECT count(*) FROM pages")
    #expect(pagesNow >= pages, "pages that were stored are gone")
    pages = pagesNow
    let unread = "SELECT count(*) FROM urls WHERE state = 'done' AND id NOT IN (SELECT url_id FROM pages)"
    #expect(try stage.number(unread) == 0, "pages that are done and not stored")
    let twice = "SELECT 1 FROM fetches WHERE outcome = 'ok' AND url_id IS NOT NULL GROUP BY url_id HAVING count(*) > 1"
    #expect(try stage.rows(twice).isEmpty, "pages that were fetched twice")
    return now
  }
}
