import Frontier
import Politeness
import Testing
import WebURL

/// Which rules hold when a robots.txt can't be read again, and what they may cost.
@Suite struct RobotsRulesTests {
  private func rules(_ text: String) -> RobotsRules {
    RobotsRules.parse(Array(text.utf8), productToken: "crawld")
  }

  /// Answers each request for a robots.txt, and gives the paths of the pages that are asked for until `end`.
  private func visits(
    _ crawl: inout Crawl, until end: Int64, _ answer: (_ now: Int64) -> Frontier.RobotsFetch
  ) -> (pages: [String], robots: [Int64]) {
    var (pages, robots): ([String], [Int64]) = ([], [])
    while true {
      guard let entry = crawl.next() else {
        guard let wake = crawl.frontier.nextReadyTime(now: crawl.now), wake <= end else { return (pages, robots) }
        crawl.now = wake
        continue
      }
      guard entry.kind == .robots else {
        pages.append(entry.url.path)
        crawl.done(entry)
        continue
      }
      robots.append(crawl.now)
      let fetch = answer(crawl.now)
      let kind: FetchObservation.Kind = if case .unreachable = fetch { .serverError } else { .ok }
      crawl.frontier.release(entry, FetchObservation(kind), now: crawl.now)
      #expect(!crawl.frontier.robotsFetched(hostID: entry.hostID, fetch, now: crawl.now))
    }
  }

  @Test func whatAFileHasSaidHoldsUntilItCanBeReadAgain() throws {
    var limits = FrontierLimits()
    limits.robotsLifetime = 3_600_000_000
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true }, limits: limits)
    let first = rules("User-agent: *\nDisallow: /private\n")
    let hostID = try #require(crawl.offer("http://a/1").hostID)
    #expect(visits(&crawl, until: crawl.now) { _ in .rules(first) }.pages == ["/1"])
    crawl.now += limits.robotsLifetime
    for path in ["2", "private"] { crawl.offer("http://a/\(path)") }
    let start = crawl.now
    let during = visits(&crawl, until: start + 200_000_000) { _ in .unreachable(isFinal: false) }
    #expect(during.pages == ["/2"])
    #expect(during.robots.count == 5 && during.robots.allSatisfy { $0 <= start + limits.robotsWindow })
    #expect(crawl.frontier.failuresDue().isEmpty)
    #expect(crawl.frontier.hostStatuses(now: crawl.now).map(\.robots).allSatisfy { $0 == RobotsState.outdatedWord })
    #expect(crawl.frontier.sitemapLines(hostID: hostID) == [])
    // And it is asked for again.
    crawl.now = start + 600_000_000
    let second = rules("User-agent: *\nDisallow: /4\n")
    for path in ["private/3", "4"] { crawl.offer("http://a/\(path)") }
    #expect(visits(&crawl, until: crawl.now + 60_000_000) { _ in .rules(second) }.pages == [])
    crawl.offer("http://a/private/5")
    #expect(visits(&crawl, until: crawl.now) { _ in .rules(second) }.pages == ["/private/5"])
  }

  /// The delay that it asked for is one of the rules.
  @Test func theDelayOfAFileHoldsWhileItIsFetchedAgain() throws {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    crawl.offer("http://a/1")
    let slow = rules("User-agent: *\nCrawl-delay: 20\n")
    _ = visits(&crawl, until: crawl.now + 20_000_000) { _ in .rules(slow) }
    crawl.now += crawl.frontier.limits.robotsLifetime
    crawl.offer("http://a/2")
    let again = crawl.next()
    #expect(again?.kind == .robots)
    #expect(crawl.frontier.hostStatuses(now: crawl.now).map(\.effectiveDelay) == [20_000_000])
  }

  @Test func theRowOfAHostTellsWhatItsFileHasSaid() {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    crawl.frontier.noteHost(id: 7, scheme: "http", name: "a", port: 80)
    let old = rules("User-agent: *\nDisallow: /private\n")
    let stored = StoredHost(
      id: 7, scheme: "http", name: "a", port: 80, firstKey: .first, robots: .unknown, lastRules: old,
      notBefore: crawl.now)
    #expect(crawl.frontier.bringHost(stored, now: crawl.now))
    for path in ["1", "private"] { crawl.offer("http://a/\(path)") }
    let after = visits(&crawl, until: crawl.now + 200_000_000) { _ in .unreachable(isFinal: false) }
    #expect(after.pages == ["/1"] && after.robots.count == 5)
  }

  /// Each URL is compared with half a megabyte of rules before the last of them forbids it.
  @Test func rulesThatAreMadeToBeSlowHoldNobodyUp() throws {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    let patterns = (0..<260).map { "Disallow: /*aab\($0)" }.joined(separator: "\n")
    let slow = rules("User-agent: *\n\(patterns)\nDisallow: /a\n")
    crawl.offer("http://h/first")
    #expect(visits(&crawl, until: crawl.now) { _ in .rules(slow) }.pages == ["/first"])
    let long = "http://h/" + String(repeating: "a", count: 1_900)
    var judged = 0
    for number in 0..<100 where crawl.offer("\(long)/\(number)").exclusion == .robots { judged += 1 }
    #expect((2...30).contains(judged), "\(judged)")
    #expect(crawl.next() == nil)
    let wake = crawl.frontier.nextReadyTime(now: crawl.now)
    #expect(wake == crawl.now + 1, "the loop's next turn")
    // What was queued unjudged is so when it comes up, a part in each turn.
    var turns = 0
    var excluded = 0
    while excluded < 100 - judged, turns < 100 {
      crawl.now += 1
      #expect(crawl.next() == nil)
      let found = crawl.frontier.takeExcluded()
      #expect(found.count < 30)
      excluded += found.count
      turns += 1
    }
    #expect(excluded == 100 - judged && turns > 3)
  }
}
