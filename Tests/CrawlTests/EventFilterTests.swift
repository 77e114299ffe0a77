import Crawl
import Testing

/// Which events somebody is told of.
struct EventFilterTests {
  private static func fetch(_ outcome: String, host: String = "https://a.test:443") -> CrawlEvent {
    CrawlEvent(
      at: 1, taskID: 1, taskName: "one", host: host,
      change: .fetch(
        CrawlEvent.Fetch(
          id: 1, url: "https://a.test/", isRobots: false, attempt: 1, outcome: outcome, bodyBytes: 0)))
  }

  private static func task(from: String, to: String, reason: String?) -> CrawlEvent {
    CrawlEvent(
      at: 1, taskID: 1, taskName: "one",
      change: .task(action: "x", from: from, to: to, reason: reason, actor: "daemon", settingsRevision: nil))
  }

  @Test func aHostIsNamedInThreeWays() {
    for place in ["a.test", "a.test:443", "https://a.test:443"] {
      #expect(EventFilter(hosts: [place]).admits(Self.fetch("ok")), "\(place)")
    }
    for place in ["a.test:80", "http://a.test:443", "a", "test", "https://a.test", ""] {
      #expect(!EventFilter(hosts: [place]).admits(Self.fetch("ok")), "\(place)")
    }
    #expect(EventFilter(hosts: ["[::1]"]).admits(Self.fetch("ok", host: "http://[::1]:80")))
    #expect(!EventFilter(hosts: ["a.test"]).admits(Self.task(from: "running", to: "failed", reason: nil)))
  }

  @Test func troubleIsMoreThanFetches() {
    let errors = EventFilter(outcomes: Set(EventFilter.errorOutcomes), admitsTrouble: true)
    let outcomes = EventFilter(outcomes: Set(EventFilter.errorOutcomes))
    let troubles = [
      Self.task(from: "running", to: "failed", reason: "no_answer"),
      Self.task(from: "pausing", to: "paused", reason: "quota_pages"),
      CrawlEvent(at: 1, host: "http://a.test:80", change: .block(until: 5, reason: "retry_after", actor: "daemon")),
      CrawlEvent(at: 1, change: .daemon("commits fail")),
    ]
    for event in troubles { #expect(errors.admits(event) && !outcomes.admits(event), "\(event)") }
    #expect(errors.admits(Self.fetch("client_error")) && outcomes.admits(Self.fetch("client_error")))
    for event in [
      Self.fetch("ok"), Self.task(from: "running", to: "finished", reason: nil),
      Self.task(from: "running", to: "paused", reason: "user"), Self.task(from: "paused", to: "paused", reason: "x"),
      CrawlEvent(at: 1, host: "http://a.test:80", change: .block(until: nil, reason: nil, actor: "uid 0")),
    ] {
      #expect(!errors.admits(event), "\(event)")
    }
  }
}
