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
    case .inLine(let until), .wait(let until), .full(let until): until
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

  /// Each is called once when the host's time has come, and who tries before gets nothing.
  @Test func theyStartInTheOrderInWhichTheyCame() {
    var crawl = Crawl(Crawl.settings { $0.delay = second })
    let asides = (1...6).map { Aside(task: 1, id: $0) }
    for aside in asides { _ = start(crawl, aside) }
    end(crawl, asides[0])
    crawl.frontier.leave(asides[2], now: crawl.now)
    var order: [Int64] = []
    while let time = crawl.frontier.nextReadyTime(now: crawl.now) {
      #expect(time == crawl.now + second, "nobody is woken in between")
      crawl.now = time
      #expect(crawl.next() == nil)
      let called = crawl.frontier.takeCalledAsides()
      #expect(called.count == 1 && crawl.frontier.takeCalledAsides().isEmpty)
      for aside in asides.reversed() where aside.hostID != nil && aside.id != called.first {
        #expect(start(crawl, aside) ?? 0 > crawl.now)
      }
      for aside in asides where aside.id == called.first {
        #expect(start(crawl, aside) == crawl.now)
        end(crawl, aside)
      }
      order += called
      if order.count > 6 { return }
    }
    #expect(order == [2, 4, 5, 6])
  }

  @Test func whoIsCalledAndLeavesHasTheNextOneCalled() {
    var crawl = Crawl(Crawl.settings { $0.delay = second })
    let asides = (1...3).map { Aside(task: 1, id: $0) }
    for aside in asides { _ = start(crawl, aside) }
    end(crawl, asides[0])
    crawl.now += second
    #expect(crawl.next() == nil && crawl.frontier.takeCalledAsides() == [2])
    crawl.frontier.leave(asides[1], now: crawl.now)
    #expect(crawl.frontier.takeCalledAsides() == [3])
    crawl.frontier.block(hostID: asides[2].hostID!, until: crawl.now + 9 * second)
    #expect(start(crawl, asides[2]) == crawl.now + 9 * second)
    crawl.frontier.unblock(hostID: asides[2].hostID!)
    #expect(crawl.next() == nil && crawl.frontier.takeCalledAsides() == [3], "it may be asked earlier")
  }

  @Test func aHostKnowsNoMoreOfThemThanItMay() {
    let crawl = Crawl(Crawl.settings { $0.delay = second })
    func isFull(_ aside: Aside) -> Int64? {
      if case .full(let until) = crawl.frontier.start(aside, Self.url, now: crawl.now) { until } else { nil }
    }
    let most = Int64(Frontier.mostVisitors)
    let asides = (1...most).map { Aside(task: 1, id: $0) }
    #expect(asides.allSatisfy { isFull($0) == nil })
    // Further ones come behind those, one by one.
    let others = (1...3).map { _ in Aside(task: 1) }
    let turns: [Int64?] = (1...3).map { crawl.now + (most + $0) * second }
    #expect(others.map { isFull($0) } == turns)
    #expect(others.allSatisfy { $0.hostID == nil })
    end(crawl, asides[0])
    #expect(isFull(others[2]) == nil && isFull(others[0]) == crawl.now + (most + 4) * second)
    crawl.frontier.block(hostID: asides[1].hostID!, until: crawl.now + 100_000 * second)
    #expect(isFull(others[1]) == crawl.now + (most + 5) * second, "a block may be lifted")
  }

  /// A robots.txt that goes on later waits without a fetch in flight, and that is no try in vain.
  @Test func aRobotsFileGoesOnWhereItRedirectedTo() {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    let hostID = crawl.offer("http://b/1").hostID!
    let due = crawl.now + 3_600 * second
    let redirect = RobotsRedirect(url: Self.url, redirects: 2, due: due, cause: .retryAfter)
    func take() -> RobotsRedirect? {
      crawl.frontier.takeRobotsRedirect(hostID: hostID, reader: 0, now: crawl.now)
    }
    for round in 0..<9 {
      let robots = crawl.next()!
      crawl.frontier.release(robots, FetchObservation(.ok), now: crawl.now)
      let taken = take()
      #expect(robots.kind == .robots && taken?.url.href == (round == 0 ? nil : Self.url.href) && take() == nil)
      var later = redirect
      later.due = due + Int64(round) * second
      crawl.frontier.robotsFetched(hostID: hostID, .redirected(later), now: crawl.now)
      #expect(crawl.next() == nil && crawl.frontier.nextReadyTime(now: crawl.now) == later.due)
      let wait = crawl.frontier.blocking(task: 1, hostID: hostID, now: crawl.now)
      #expect(wait?.reason == .robots && wait?.until == later.due && wait?.untimedHosts == 0)
      #expect(crawl.frontier.robotsTriesInVain(hostID: hostID, task: 1) == nil)
      let told = crawl.frontier.robotsRedirects(task: 1, hostID: nil)
      #expect(told.map(\.origin) == ["http://b:80"] && told.map(\.redirect.due) == [later.due])
      #expect(crawl.frontier.robotsRedirects(task: 2, hostID: nil).isEmpty)
      crawl.now = later.due
    }
    crawl.now += 2 * 86_400 * second
    let robots = crawl.next()!
    #expect(take() == nil, "what was so long ago begins anew")
    crawl.frontier.release(robots, FetchObservation(.ok), now: crawl.now)
    crawl.frontier.robotsFetched(hostID: hostID, .allowAll, now: crawl.now)
    #expect(crawl.next()?.url.path == "/1")
  }
}
