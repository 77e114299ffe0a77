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
    _ crawl: inout Crawl, until end: Int64, _ answer: (FrontierEntry) -> Frontier.RobotsFetch
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
      let fetch = answer(entry)
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
    #expect(visits(&crawl, until: crawl.now + 60_000_000) { _ in .rules(second) }.pages == ["/private/3"])
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
      id: 7, scheme: "http", name: "a", port: 80, firstKey: .first, robots: .unknown, lastRead: .rules(old),
      notBefore: crawl.now)
    #expect(crawl.frontier.bringHost(stored, now: crawl.now))
    for path in ["1", "private"] { crawl.offer("http://a/\(path)") }
    let after = visits(&crawl, until: crawl.now + 200_000_000) { _ in .unreachable(isFinal: false) }
    #expect(after.pages == ["/1"] && after.robots.count == 5)
  }

  /// Seeds that come again and again do not have it fetched again and again.
  @Test func aSeedDoesNotTakeOutdatedRulesAway() {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    crawl.offer("http://a/1")
    let open = rules("User-agent: *\nDisallow: /private\n")
    _ = visits(&crawl, until: crawl.now) { _ in .rules(open) }
    crawl.now += crawl.frontier.limits.robotsLifetime
    crawl.offer("http://a/2")
    _ = visits(&crawl, until: crawl.now + 200_000_000) { _ in .unreachable(isFinal: false) }
    crawl.offer("http://a/seed", depth: 0, source: .seed)
    let after = visits(&crawl, until: crawl.now) { _ in .unreachable(isFinal: false) }
    #expect(after.pages == ["/seed"] && after.robots.isEmpty)
  }

  /// A task ends, even if the host of what waits does not answer any more; one that answers pages is none of these.
  @Test(arguments: [false, true]) func aHostThatIsGoneHoldsItsURLsAsLongAsItsRulesWereKept(answers: Bool) throws {
    var limits = FrontierLimits()
    limits.robotsLifetime = 3_600_000_000
    var crawl = Crawl(
      Crawl.settings {
        $0.obeysRobots = true; $0.delay = 60_000_000
      }, limits: limits)
    crawl.offer("http://a/0")
    let open = rules("User-agent: *\nDisallow: /private\n")
    _ = visits(&crawl, until: crawl.now + 60_000_000) { _ in .rules(open) }
    crawl.now += crawl.frontier.limits.robotsLifetime
    for number in 1...400 { crawl.offer("http://a/\(number)") }
    let start = crawl.now
    var end: Int64?
    while end == nil, crawl.now < start + 8_000_000_000 {
      guard let entry = crawl.next() else {
        let next = crawl.frontier.nextReadyTime(now: crawl.now)
        crawl.now = try #require(next)
        continue
      }
      crawl.done(entry, answers && entry.kind == .url ? .ok : .networkError)
      guard entry.kind == .robots else { continue }
      let fetch = Frontier.RobotsFetch.unreachable(isFinal: false, isSilent: true)
      if crawl.frontier.robotsFetched(hostID: entry.hostID, fetch, now: crawl.now) { end = crawl.now }
    }
    if answers { return #expect(end == nil) }
    let lasted = try #require(end) - start
    #expect((3_600_000_000...5_400_000_000).contains(lasted), "\(lasted)")
    #expect(crawl.frontier.failuresDue().count == 1)
  }

  @Test func aNameThatIsGoneFailsAtOnce() throws {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    crawl.offer("http://a/1")
    let open = rules("User-agent: *\nDisallow: /private\n")
    _ = visits(&crawl, until: crawl.now) { _ in .rules(open) }
    crawl.now += crawl.frontier.limits.robotsLifetime
    crawl.offer("http://a/2")
    let next = crawl.next()
    let robots = try #require(next)
    crawl.frontier.release(robots, FetchObservation(.networkError), now: crawl.now)
    let gone = Frontier.RobotsFetch.unreachable(isFinal: true, isSilent: true)
    #expect(crawl.frontier.robotsFetched(hostID: robots.hostID, gone, now: crawl.now))
  }

  // MARK: Rules that are made to be slow

  /// Each URL is compared with half a megabyte of them before the last forbids it.
  private var slow: RobotsRules {
    let patterns = (0..<260).map { "Disallow: /*aab\($0)" }.joined(separator: "\n")
    return rules("User-agent: *\n\(patterns)\nDisallow: /a\n")
  }

  private static let longPath = String(repeating: "a", count: 1_900)

  @Test func slowRulesAreAskedApartInEachTurn() {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    crawl.offer("http://h/first")
    #expect(visits(&crawl, until: crawl.now) { _ in .rules(slow) }.pages == ["/first"])
    var judged = 0
    for number in 0..<30 where crawl.offer("http://h/\(Self.longPath)/\(number)").exclusion == .robots { judged += 1 }
    #expect((1...5).contains(judged), "\(judged)")
    #expect(crawl.next() == nil)
    #expect(crawl.frontier.nextReadyTime(now: crawl.now) == crawl.now + 1, "the loop's next turn")
    // What was queued unjudged is so when it comes up, a part in each turn.
    var turns = 0
    var excluded = 0
    while excluded < 30 - judged, turns < 100 {
      crawl.now += 1
      #expect(crawl.next() == nil)
      let found = crawl.frontier.takeExcluded()
      #expect(found.count <= 5)
      excluded += found.count
      turns += 1
    }
    #expect(excluded == 30 - judged && turns > 3)
  }

  /// Many such hosts of one task, and an ordinary one of another, which was added later and whose pages are wanted meanwhile.
  @Test(arguments: [1, 2] as [Int64]) func slowRulesHoldUpNoOtherHost(ofTask task: Int64) {
    let settings = Crawl.settings { $0.obeysRobots = true }
    var crawl = Crawl(settings)
    crawl.frontier.addTask(id: 2, settings: settings)
    crawl.frontier.completeSeen(task: 2)
    crawl.frontier.setRunning(true, task: 2, now: crawl.now)
    func offer(_ text: String, to task: Int64) {
      let offer = Offer(url: WebURL(text)!, source: .link(followed: true, nofollow: false), depth: 1, viaURLID: nil)
      _ = crawl.frontier.offer(offer, task: task, now: crawl.now, sequence: nil)
    }
    let ordinary = rules("User-agent: *\nDisallow: /private\n")
    let slow = slow
    for number in 0..<12 { offer("http://h\(number)/first", to: 1) }
    offer("http://fine/first", to: task)
    _ = visits(&crawl, until: crawl.now) { entry in .rules(entry.url.hostName == "fine" ? ordinary : slow) }
    for page in 0..<60 { for number in 0..<12 { offer("http://h\(number)/\(Self.longPath)/\(page)", to: 1) } }
    for page in 0..<20 { offer("http://fine/\(page)", to: task) }
    var pages = 0
    var turns = 0
    while pages < 20, turns < 200 {
      turns += 1
      crawl.now += 1
      while let entry = crawl.next() {
        #expect(entry.url.hostName == "fine")
        pages += 1
        crawl.done(entry)
      }
    }
    #expect(pages == 20 && turns <= 10, "\(pages) pages in \(turns) turns")
    #expect(crawl.frontier.takeExcluded().count < 300, "most of the others' are still to be judged")
  }
}
