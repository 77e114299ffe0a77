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
  private func start(_ crawl: Crawl, _ aside: Aside) -> Int64? {
    switch crawl.frontier.start(aside, Self.url, now: crawl.now) {
    case .started: crawl.now
    case .wait(let until): until
    case .unread: nil
    }
  }

  private func end(_ crawl: Crawl, _ aside: Aside) {
    _ = crawl.frontier.maySend(hostID: aside.hostID!, isAgain: false, now: crawl.now)
    crawl.frontier.end(aside, FetchObservation(.ok, isSent: true), now: crawl.now)
  }

  /// The host's effective delay.
  private func delay(_ crawl: Crawl) -> Int64 { crawl.frontier.hostStatuses(now: crawl.now)[0].effectiveDelay }

  @Test func itTakesItsTurnOnTheHost() {
    var crawl = Crawl(Crawl.settings { $0.delay = second })
    crawl.offer("http://a/x")
    let entry = crawl.next()!
    let aside = Aside(task: 1)
    #expect(start(crawl, aside) ?? 0 > crawl.now, "the host's only slot is taken")
    crawl.done(entry)
    #expect(start(crawl, aside) == crawl.now + second)
    crawl.now += second
    #expect(start(crawl, aside) == crawl.now)
  }

  @Test func theDelayCountsFromItsRequest() {
    var crawl = Crawl(Crawl.settings { $0.delay = second })
    let (first, next) = (Aside(task: 1), Aside(task: 1))
    #expect(start(crawl, first) == crawl.now)
    crawl.now += 5 * second
    end(crawl, first)
    #expect(start(crawl, next) == crawl.now + second)
  }

  @Test func aHostWithoutQueuesKeepsItsCrawlDelayAndWhatAUserWants() {
    var crawl = Crawl(
      Crawl.settings {
        $0.delay = second; $0.obeysRobots = true
      })
    crawl.frontier.noteHost(id: 7, scheme: "http", name: "a", port: 80)
    let (first, next) = (Aside(task: 1), Aside(task: 1))
    guard case .unread(7) = crawl.frontier.start(first, Self.url, now: crawl.now) else {
      Issue.record("its row was not asked for")
      return
    }
    let robots = RobotsState.known(Self.rules(crawlDelay: 4), expires: .max)
    #expect(crawl.frontier.bringHost(Self.row(id: 7, robots: robots, notBefore: crawl.now + 9), now: crawl.now))
    #expect(start(crawl, first) == crawl.now + 9, "what its row says")
    crawl.now += 9
    #expect(start(crawl, first) == crawl.now)
    end(crawl, first)
    #expect(start(crawl, next) == crawl.now + 4 * second)
    crawl.frontier.set(HostSettings(delay: 6 * second, concurrency: nil, budget: nil), hostID: 7)
    #expect(start(crawl, next) == crawl.now + 6 * second)
  }

  /// A crawl whose task asks aside, and a second task that has these URLs of the host at no delay.
  private func shared(delay: Int64, paths: Int) -> Crawl {
    let crawl = Crawl(Crawl.settings { $0.delay = delay })
    crawl.frontier.addTask(id: 2, settings: Crawl.settings())
    crawl.frontier.completeSeen(task: 2)
    crawl.frontier.setRunning(true, task: 2, now: crawl.now)
    for number in 0..<paths {
      let offer = Offer(url: WebURL("http://a/\(number)")!, source: .seed, depth: 0, viaURLID: nil)
      _ = crawl.frontier.offer(offer, task: 2, now: crawl.now, sequence: nil)
    }
    return crawl
  }

  @Test func theLargerDelayOfTheTasksHoldsWhileItIsThere() {
    var crawl = shared(delay: 3 * second, paths: 1)
    let entry = crawl.next()!
    crawl.frontier.release(entry, FetchObservation(.ok), now: crawl.now)
    let (aside, other) = (Aside(task: 1), Aside(task: 1))
    #expect(start(crawl, aside) == crawl.now + 3 * second)
    #expect(start(crawl, other) == crawl.now + 3 * second && delay(crawl) == 3 * second)
    crawl.frontier.leave(other, now: crawl.now)
    #expect(delay(crawl) == 3 * second, "one is there still")
    crawl.now += 3 * second
    #expect(start(crawl, aside) == crawl.now)
    end(crawl, aside)
    #expect(delay(crawl) == 0, "it was that task's only for the while")
    #expect(start(crawl, other) == crawl.now + 3 * second)
    crawl.frontier.leave(other, now: crawl.now)
    #expect(delay(crawl) == 0, "it never started")
  }

  /// The queue takes the host whenever it may, and the fetch aside tries only now and then.
  @Test func everyOtherStartOnABusyHostIsItsAtLeast() {
    var crawl = shared(delay: 3 * second, paths: 50)
    var asides = (0..<3).map { _ in Aside(task: 1) }
    var order = ""
    while order.count < 8 {
      if let entry = crawl.next() {
        order += "q"
        _ = crawl.frontier.maySend(hostID: entry.hostID, isAgain: false, now: crawl.now)
        crawl.frontier.release(entry, FetchObservation(.ok, isSent: true), now: crawl.now)
      }
      if let aside = asides.last, start(crawl, aside) == crawl.now {
        order += "a"
        crawl.now += second
        end(crawl, aside)
        asides.removeLast()
      }
      crawl.now += 100_000
      #expect(crawl.now < 2_000_000_000, "it never gets its turn")
      if crawl.now > 2_000_000_000 { return }
    }
    #expect(order == "qaqaqaqq")
  }

  @Test func itCountsForTheLimitsOfItsTask() {
    var crawl = Crawl(
      Crawl.settings {
        $0.maxInFlight = 1; $0.rate = 2
      })
    let (first, next) = (Aside(task: 1), Aside(task: 1))
    #expect(start(crawl, first) == crawl.now)
    for host in ["b", "c"] { crawl.offer("http://\(host)/x") }
    #expect(crawl.next() == nil, "it is the one that may be in flight")
    #expect(crawl.frontier.inFlight == 1 && crawl.frontier.inFlight(task: 1) == 1)
    end(crawl, first)
    #expect(crawl.frontier.inFlight == 0 && crawl.frontier.inFlight(task: 1) == 0)
    #expect(crawl.next() == nil, "its start counts for the rate")
    crawl.now += second / 2
    let entry = crawl.next()!
    crawl.now += second
    #expect(start(crawl, next) ?? 0 > crawl.now, "the place is taken")
    crawl.done(entry)
    #expect(crawl.next() == nil, "the next place is not the queue's")
    #expect(start(crawl, next) == crawl.now)
    end(crawl, next)
    crawl.now += second
    #expect(crawl.next() != nil)
  }

  @Test func aPlaceThatItWaitedForIsFreeWhenItLeaves() {
    var crawl = Crawl(Crawl.settings { $0.maxInFlight = 1 })
    for host in ["b", "c"] { crawl.offer("http://\(host)/x") }
    let entry = crawl.next()!
    let aside = Aside(task: 1)
    #expect(start(crawl, aside) ?? 0 > crawl.now)
    crawl.done(entry)
    #expect(crawl.next() == nil)
    crawl.frontier.leave(aside, now: crawl.now)
    #expect(crawl.next() != nil)
  }
}
