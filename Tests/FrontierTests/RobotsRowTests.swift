import Frontier
import Politeness
import Testing
import WebURL

/// Hosts whose robots.txt is in their rows alone.
@Suite struct RobotsRowTests {
  private static let rules = RobotsRules.parse(
    Array("User-agent: *\nDisallow: /private\n".utf8), productToken: "crawld")

  /// A task that obeys, and a host with two URLs of which the row's rules forbid one.
  private func crawl(_ robots: (_ now: Int64) -> RobotsState, crawlDelay: Int64? = nil) -> Crawl {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    crawl.frontier.noteHost(id: 7, scheme: "http", name: "a", port: 80)
    let stored = StoredHost(
      id: 7, scheme: "http", name: "a", port: 80, firstKey: .first, robots: robots(crawl.now),
      lastRead: .inRow(crawlDelay: crawlDelay), notBefore: crawl.now)
    #expect(crawl.frontier.bringHost(stored, now: crawl.now))
    for path in ["1", "private"] { crawl.offer("http://a/\(path)") }
    return crawl
  }

  private static func fresh(_ now: Int64) -> RobotsState { .inRow(expires: now + 3_600_000_000, isOutdated: false) }

  @Test func theyAreReadWhenAURLIsToStart() {
    var crawl = crawl(Self.fresh)
    #expect(!crawl.frontier.wantsRobotsRead && crawl.frontier.sitemapLines(hostID: 7) == nil)
    #expect(crawl.next() == nil && crawl.frontier.wantsRobotsRead)
    #expect(crawl.frontier.nextRobotsRead(now: crawl.now) == 7)
    #expect(crawl.next() == nil && crawl.frontier.nextRobotsRead(now: crawl.now) == nil, "once")
    #expect(crawl.frontier.hostStatuses(now: crawl.now).map(\.robots) == ["known"])
    crawl.frontier.endRobotsRead(hostID: 7, .rules(Self.rules), now: crawl.now)
    #expect(crawl.drain() == ["/1"], "at the same time")
    #expect(crawl.frontier.takeExcluded().map(\.entry.url.path) == ["/private"])
    #expect(!crawl.frontier.wantsRobotsRead)
  }

  @Test func aReadThatFailsIsRepeatedAndWhatNoRowHasIsFetched() {
    var crawl = crawl(Self.fresh)
    for read in [Frontier.RobotsRead.failed, .nothing] {
      #expect(crawl.next() == nil)
      #expect(crawl.frontier.nextRobotsRead(now: crawl.now) == 7)
      crawl.frontier.endRobotsRead(hostID: 7, read, now: crawl.now)
    }
    #expect(crawl.next()?.kind == .robots)
    #expect(!crawl.frontier.hasReadRobots(hostID: 7, reader: 0))
  }

  @Test func theyAreFetchedAgainWhenTheyHaveExpired() {
    var crawl = crawl { .inRow(expires: $0, isOutdated: false) }
    #expect(crawl.next()?.kind == .robots)
  }

  @Test func nothingIsReadForATaskThatStartsNothing() {
    var crawl = crawl(Self.fresh)
    #expect(crawl.next() == nil && crawl.frontier.wantsRobotsRead)
    crawl.frontier.setRunning(false, task: 1, now: crawl.now)
    #expect(crawl.frontier.nextRobotsRead(now: crawl.now) == nil)
    crawl.frontier.setRunning(true, task: 1, now: crawl.now)
    #expect(crawl.next() == nil)
    #expect(crawl.frontier.nextRobotsRead(now: crawl.now) == 7)
  }

  /// The other one takes the host's time whenever it comes.
  @Test func whoeverNeedsNoRulesKeepsNobodyFromReadingThem() {
    var crawl = crawl(Self.fresh)
    crawl.frontier.addTask(id: 2, settings: Crawl.settings { $0.delay = 1_000_000 })
    crawl.frontier.completeSeen(task: 2)
    crawl.frontier.setRunning(true, task: 2, now: crawl.now)
    for path in 1...20 {
      let url = WebURL("http://a/other/\(path)")!
      let offer = Offer(url: url, source: .link(followed: true, nofollow: false), depth: 1, viaURLID: nil)
      _ = crawl.frontier.offer(offer, task: 2, now: crawl.now, sequence: nil)
    }
    var paths: [String] = []
    while paths.count < 3 {
      while let entry = crawl.next() {
        paths.append(entry.url.path)
        crawl.done(entry)
      }
      if let hostID = crawl.frontier.nextRobotsRead(now: crawl.now) {
        crawl.frontier.endRobotsRead(hostID: hostID, .rules(Self.rules), now: crawl.now)
      }
      crawl.now += 1_000_000
    }
    #expect(paths.contains("/1"), "\(paths)")
  }

  @Test func theirCrawlDelayHoldsBeforeTheyAreRead() {
    let crawl = crawl(Self.fresh, crawlDelay: 20_000_000)
    #expect(crawl.frontier.hostStatuses(now: crawl.now).map(\.effectiveDelay) == [20_000_000])
  }

  @Test func theyHoldWhileTheFileCannotBeFetched() {
    var crawl = crawl { _ in .unknown }
    let end = crawl.now + 200_000_000
    var (pages, tries, reads): ([String], Int, Int) = ([], 0, 0)
    while crawl.now < end {
      if let hostID = crawl.frontier.nextRobotsRead(now: crawl.now) {
        #expect(crawl.frontier.hostStatuses(now: crawl.now).map(\.robots) == [RobotsState.outdatedWord])
        crawl.frontier.endRobotsRead(hostID: hostID, .rules(Self.rules), now: crawl.now)
        reads += 1
      }
      guard let entry = crawl.next() else {
        if crawl.frontier.wantsRobotsRead { continue }
        guard let wake = crawl.frontier.nextReadyTime(now: crawl.now) else { break }
        crawl.now = wake
        continue
      }
      guard entry.kind == .robots else {
        pages.append(entry.url.path)
        crawl.done(entry)
        continue
      }
      tries += 1
      crawl.frontier.release(entry, FetchObservation(.serverError), now: crawl.now)
      #expect(!crawl.frontier.robotsFetched(hostID: 7, .unreachable(isFinal: false), now: crawl.now))
    }
    #expect(pages == ["/1"] && tries == 5 && reads == 1)
  }
}
