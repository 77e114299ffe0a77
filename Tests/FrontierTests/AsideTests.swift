import Frontier
import Politeness
import Testing
import WebURL

private let second: Int64 = 1_000_000

/// Fetches that come out of no queue: where a robots.txt redirects to.
@Suite struct AsideTests {
  private static let url = WebURL("http://a/robots")!

  /// The row of the host `a`, of which nothing is ready.
  static func row(id: Int64, robots: RobotsState = .unknown, notBefore: Int64 = 0) -> StoredHost {
    StoredHost(id: id, scheme: "http", name: "a", port: 80, firstKey: .first, robots: robots, notBefore: notBefore)
  }

  private static func rules(crawlDelay seconds: Int) -> RobotsRules {
    RobotsRules.parse(Array("User-agent: *\nCrawl-delay: \(seconds)\n".utf8), productToken: "crawld")
  }

  /// When the host may be asked, if it is only time that it waits for; now when the fetch has started.
  private func start(_ crawl: Crawl) -> Int64? {
    switch crawl.frontier.startAside(Self.url, task: 1, now: crawl.now) {
    case .started: crawl.now
    case .wait(let until): until
    case .unread: nil
    }
  }

  private func end(_ crawl: Crawl, hostID: Int64) {
    _ = crawl.frontier.maySend(hostID: hostID, isAgain: false, now: crawl.now)
    crawl.frontier.endAside(hostID: hostID, task: 1, FetchObservation(.ok, isSent: true), now: crawl.now)
  }

  @Test func itTakesItsTurnOnTheHost() {
    var crawl = Crawl(Crawl.settings { $0.delay = second })
    crawl.offer("http://a/x")
    let entry = crawl.next()!
    #expect(start(crawl) ?? 0 > crawl.now, "the host's only slot is taken")
    crawl.done(entry)
    #expect(start(crawl) == crawl.now + second)
    crawl.now += second
    #expect(start(crawl) == crawl.now)
  }

  @Test func theDelayCountsFromItsRequest() {
    var crawl = Crawl(Crawl.settings { $0.delay = second })
    #expect(start(crawl) == crawl.now)
    crawl.now += 5 * second
    end(crawl, hostID: 1)
    #expect(start(crawl) == crawl.now + second)
  }

  @Test func aHostWithoutQueuesKeepsItsCrawlDelayAndWhatAUserWants() {
    var crawl = Crawl(
      Crawl.settings {
        $0.delay = second; $0.obeysRobots = true
      })
    crawl.frontier.noteHost(id: 7, scheme: "http", name: "a", port: 80)
    guard case .unread(7) = crawl.frontier.startAside(Self.url, task: 1, now: crawl.now) else {
      Issue.record("its row was not asked for")
      return
    }
    let robots = RobotsState.known(Self.rules(crawlDelay: 4), expires: .max)
    #expect(crawl.frontier.bringHost(Self.row(id: 7, robots: robots, notBefore: crawl.now + 9), now: crawl.now))
    #expect(start(crawl) == crawl.now + 9, "what its row says")
    crawl.now += 9
    #expect(start(crawl) == crawl.now)
    end(crawl, hostID: 7)
    #expect(start(crawl) == crawl.now + 4 * second)
    crawl.frontier.set(HostSettings(delay: 6 * second, concurrency: nil, budget: nil), hostID: 7, now: crawl.now)
    #expect(start(crawl) == crawl.now + 6 * second)
  }

  @Test func theLargerDelayOfTheTasksHolds() {
    var crawl = Crawl(Crawl.settings { $0.delay = 3 * second })
    crawl.frontier.addTask(id: 2, settings: Crawl.settings())
    crawl.frontier.completeSeen(task: 2)
    crawl.frontier.setRunning(true, task: 2, now: crawl.now)
    let offer = Offer(url: WebURL("http://a/x")!, source: .seed, depth: 0, viaURLID: nil)
    _ = crawl.frontier.offer(offer, task: 2, now: crawl.now, sequence: nil)
    let entry = crawl.next()!
    crawl.frontier.release(entry, FetchObservation(.ok), now: crawl.now)
    #expect(start(crawl) == crawl.now + 3 * second)
    #expect(crawl.frontier.hostStatuses(now: crawl.now)[0].effectiveDelay == 0, "who only asks changes nothing")
    crawl.now += 3 * second
    #expect(start(crawl) == crawl.now)
    end(crawl, hostID: entry.hostID)
    #expect(crawl.frontier.hostStatuses(now: crawl.now)[0].effectiveDelay == 0, "it was that task's only for the while")
  }

  @Test func itCountsForTheLimitsOfTheTask() {
    var crawl = Crawl(
      Crawl.settings {
        $0.maxInFlight = 1; $0.rate = 2
      })
    #expect(start(crawl) == crawl.now)
    crawl.offer("http://b/x")
    #expect(crawl.next() == nil, "it is the one that may be in flight")
    #expect(crawl.frontier.inFlight == 1 && crawl.frontier.inFlight(task: 1) == 1)
    end(crawl, hostID: 1)
    #expect(crawl.frontier.inFlight == 0 && crawl.frontier.inFlight(task: 1) == 0)
    #expect(crawl.next() == nil, "its start counts for the rate")
    crawl.now += second / 2
    #expect(crawl.next()?.url.href == "http://b/x")
    #expect(start(crawl) == crawl.now, "what has begun waits for nobody's place")
    #expect(crawl.frontier.inFlight == 2)
  }
}
