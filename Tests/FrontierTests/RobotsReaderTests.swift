import Frontier
import Politeness
import Testing
import WebURL

/// Tasks whose requests differ from the ordinary ones read robots.txt for themselves.
@Suite struct RobotsReaderTests {
  /// Task 1 reads by ordinary requests, task 2 as reader 7; both have the same two URLs.
  private func twoTasks() -> Crawl {
    let settings = Crawl.settings {
      $0.obeysRobots = true; $0.concurrency = 4
    }
    var crawl = Crawl(settings)
    var other = settings
    other.robotsReader = 7
    crawl.frontier.addTask(id: 2, settings: other)
    crawl.frontier.completeSeen(task: 2)
    crawl.frontier.setRunning(true, task: 2, now: crawl.now)
    for text in ["http://a/private", "http://a/open"] {
      crawl.offer(text)
      let offer = Offer(
        url: WebURL(text)!, source: .link(followed: true, nofollow: false), depth: 1, viaURLID: nil)
      _ = crawl.frontier.offer(offer, task: 2, now: crawl.now, sequence: crawl.sequence)
    }
    return crawl
  }

  private func rules(_ text: String) -> Frontier.RobotsFetch {
    .rules(RobotsRules.parse(Array(text.utf8), productToken: "crawld"))
  }

  /// The robots.txt entries that are due, by task.
  private func robots(_ crawl: inout Crawl) -> [Int64: FrontierEntry] {
    var entries: [Int64: FrontierEntry] = [:]
    while let entry = crawl.next(), entry.kind == .robots { entries[entry.taskID] = entry }
    return entries
  }

  @Test func eachReaderFetchesAndGoesByItsOwn() throws {
    var crawl = twoTasks()
    let robots = robots(&crawl)
    #expect(Set(robots.keys) == [1, 2])
    for entry in robots.values { crawl.frontier.release(entry, FetchObservation(.ok), now: crawl.now) }
    let hostID = try #require(robots[1]?.hostID)
    crawl.frontier.robotsFetched(hostID: hostID, rules("User-agent: *\nDisallow: /private\n"), now: crawl.now)
    crawl.frontier.robotsFetched(
      hostID: hostID, rules("User-agent: *\nDisallow: /open\nSitemap: http://a/s\n"), reader: 7, now: crawl.now)
    var visited: Set<String> = []
    while let entry = crawl.next() {
      visited.insert("\(entry.taskID)\(entry.url.path)")
      crawl.frontier.release(entry, FetchObservation(.ok), now: crawl.now)
    }
    #expect(visited == ["1/open", "2/private"])
    #expect(
      Set(crawl.frontier.takeExcluded().map { "\($0.entry.taskID)\($0.entry.url.path)" }) == ["1/private", "2/open"])
    #expect(crawl.frontier.sitemapLines(hostID: hostID) == [])
    #expect(crawl.frontier.sitemapLines(hostID: hostID, reader: 7) == ["http://a/s"])
  }

  @Test func whatOneReaderCannotReachTheOtherMay() throws {
    var crawl = twoTasks()
    let robots = robots(&crawl)
    for entry in robots.values { crawl.frontier.release(entry, FetchObservation(.networkError), now: crawl.now) }
    let hostID = try #require(robots[1]?.hostID)
    crawl.frontier.robotsFetched(hostID: hostID, .unreachable(isFinal: true), reader: 7, now: crawl.now)
    #expect(crawl.frontier.failuresDue().map(\.taskID) == [2])
    crawl.frontier.endFailure(hostID: hostID, now: crawl.now)
    crawl.frontier.robotsFetched(hostID: hostID, .allowAll, now: crawl.now)
    #expect(crawl.drain() == ["/private", "/open"])
  }

  @Test func aTaskThatBecomesAnotherReaderFetchesAgain() throws {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    crawl.offer("http://a/x")
    let next = crawl.next()
    let first = try #require(next)
    // While its robots.txt is in flight, and with it the failure of its URLs.
    crawl.frontier.update(
      Crawl.settings {
        $0.obeysRobots = true; $0.robotsReader = 1
      }, task: 1, now: crawl.now)
    crawl.frontier.release(first, FetchObservation(.networkError), now: crawl.now)
    crawl.frontier.robotsFetched(hostID: first.hostID, .unreachable(isFinal: true), now: crawl.now)
    #expect(crawl.frontier.failuresDue().isEmpty)
    let then = crawl.next()
    let second = try #require(then)
    #expect(second.kind == .robots)
    crawl.frontier.release(second, FetchObservation(.networkError), now: crawl.now)
    crawl.frontier.robotsFetched(hostID: first.hostID, .unreachable(isFinal: true), reader: 1, now: crawl.now)
    crawl.frontier.update(Crawl.settings { $0.obeysRobots = true }, task: 1, now: crawl.now)
    #expect(crawl.frontier.failuresDue().map(\.hostID) == [first.hostID], "what was decided stays so")
  }

  @Test func aCrawlDelayHoldsUntilTheNewReaderHasRead() throws {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    for number in 1...9 { crawl.offer("http://a/\(number)") }
    func delay() -> Int64 { crawl.frontier.hostStatuses(now: crawl.now)[0].effectiveDelay }
    func read(_ text: String, reader: Int) throws {
      crawl.now += 10_000_000
      let next = crawl.next()
      let robots = try #require(next)
      #expect(robots.kind == .robots)
      crawl.frontier.release(robots, FetchObservation(.ok), now: crawl.now)
      crawl.frontier.robotsFetched(hostID: robots.hostID, rules(text), reader: reader, now: crawl.now)
    }
    try read("User-agent: *\nCrawl-delay: 6\n", reader: 0)
    #expect(delay() == 6_000_000)
    crawl.frontier.update(
      Crawl.settings {
        $0.obeysRobots = true; $0.robotsReader = 1
      }, task: 1, now: crawl.now)
    #expect(delay() == 6_000_000)
    try read("User-agent: *\nAllow: /\n", reader: 1)
    #expect(delay() == 0)
  }

  @Test func aRobotsThatWasNotTriedIsTriedByItsReader() throws {
    var crawl = twoTasks()
    let robots = robots(&crawl)
    let entry = try #require(robots[2])
    crawl.frontier.release(entry, FetchObservation(.aborted), now: crawl.now)
    crawl.frontier.putBack(entry, reader: 7, now: crawl.now)
    let again = crawl.next()
    #expect(again?.kind == .robots && again?.taskID == 2)
  }

  @Test func theRobotsFileOfASilentHostIsGivenUpWhenItIsToBeLeftAloneForLonger() {
    var limits = FrontierLimits()
    limits.robotsTries = 20
    limits.robotsWindow = HostClock.firstOutage - 1
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true }, limits: limits)
    crawl.offer("http://a/1")
    for failure in 1...HostClock.failuresOfOutage {
      let entry = crawl.next()!
      #expect(entry.kind == .robots)
      crawl.frontier.release(entry, FetchObservation(.silent), now: crawl.now)
      let gaveUp = crawl.frontier.robotsFetched(hostID: entry.hostID, .unreachable(isFinal: false), now: crawl.now)
      #expect(gaveUp == (failure == HostClock.failuresOfOutage))
      crawl.now = crawl.frontier.nextReadyTime(now: crawl.now) ?? crawl.now
    }
  }

  /// A proxy that is out of order says nothing of the hosts behind it.
  @Test func whatSaysNothingOfAHostIsTriedAsOftenAsNeedBe() throws {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    crawl.offer("http://a/x")
    let start = crawl.now
    for _ in 0..<50 {
      let next = crawl.next()
      let robots = try #require(next)
      #expect(robots.kind == .robots)
      crawl.frontier.release(robots, FetchObservation(.aborted), now: crawl.now)
      #expect(!crawl.frontier.robotsFetched(hostID: robots.hostID, .postponed, now: crawl.now))
      #expect(crawl.next() == nil)
      crawl.now = try #require(crawl.frontier.nextReadyTime(now: crawl.now))
    }
    #expect(crawl.now - start >= 50 * 5_000_000, "and not all the time")
    #expect(crawl.frontier.failuresDue().isEmpty)
    let last = crawl.next()
    let robots = try #require(last)
    crawl.frontier.release(robots, FetchObservation(.ok), now: crawl.now)
    crawl.frontier.robotsFetched(hostID: robots.hostID, .allowAll, now: crawl.now)
    #expect(crawl.drain() == ["/x"])
  }
}
