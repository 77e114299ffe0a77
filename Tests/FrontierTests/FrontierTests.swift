import Frontier
import Politeness
import Testing
import WebURL

/// A frontier with one running task, and the rows that its offers would have stored.
struct Crawl {
  let frontier: Frontier
  var now: Int64 = 1_000_000_000
  var sequence: Int64 = 0
  var rows: [Int64: (url: WebURL, depth: Int, priority: Int, hostID: Int64, redirects: Int)] = [:]
  var ready: Set<Int64> = []

  init(_ settings: FrontierSettings = FrontierSettings(), limits: FrontierLimits = FrontierLimits()) {
    frontier = Frontier(limits: limits, fingerprintKey: FingerprintKey(), nextURLID: 1, nextHostID: 1)
    frontier.addTask(id: 1, settings: settings)
    frontier.completeSeen(task: 1)
    frontier.setRunning(true, task: 1, now: now)
  }

  static func settings(_ change: (inout FrontierSettings) -> Void = { _ in }) -> FrontierSettings {
    var settings = FrontierSettings()
    settings.obeysRobots = false
    settings.delay = 0
    settings.scope = .any
    change(&settings)
    return settings
  }

  @discardableResult
  mutating func offer(
    _ text: String, depth: Int = 1, source: Offer.Source = .link(followed: true, nofollow: false),
    sitemapLevel: Int? = nil, excludedFor reason: ExclusionReason? = nil, isDropped: Bool = false,
    committed: Bool = true
  ) -> OfferResult {
    let url = WebURL(text)!
    sequence += 1
    frontier.beginVisit(task: 1, sequence: sequence)
    var offer = Offer(url: url, source: source, depth: depth, viaURLID: nil, sitemapLevel: sitemapLevel)
    offer.excludedFor = reason
    offer.isDropped = isDropped
    let result = frontier.offer(offer, task: 1, now: now, sequence: sequence)
    if case .discovered(.ready) = result.change { note(result, url, depth) }
    if case .revived(.ready) = result.change { note(result, url, depth) }
    if committed { frontier.committed(through: sequence) }
    return result
  }

  private mutating func note(_ result: OfferResult, _ url: WebURL, _ depth: Int) {
    rows[result.id] = (url, depth, result.priority, result.hostID!, result.redirects)
    ready.insert(result.id)
  }

  mutating func next() -> FrontierEntry? { frontier.next(now: now) }

  mutating func done(_ entry: FrontierEntry, _ kind: FetchObservation.Kind = .ok) {
    frontier.release(entry, FetchObservation(kind), now: now)
    guard entry.kind == .url else { return }
    sequence += 1
    ready.remove(entry.id)
    frontier.finish(entry, sequence: sequence, isFinalAnswer: true)
    frontier.committed(through: sequence)
  }

  /// Visits everything that may start without time passing, and tells the paths in order.
  mutating func drain() -> [String] {
    var paths: [String] = []
    while let entry = next() {
      paths.append(entry.url.path)
      done(entry)
    }
    return paths
  }
}

extension OfferResult {
  var exclusion: ExclusionReason? {
    switch change {
    case .discovered(.excluded(let reason)), .revived(.excluded(let reason)): reason
    default: nil
    }
  }

  var isReady: Bool {
    switch change {
    case .discovered(.ready), .revived(.ready): true
    default: false
    }
  }
}

@Suite struct FrontierTests {
  @Test func breadthFirstWithinAHost() {
    var crawl = Crawl(Crawl.settings())
    crawl.offer("http://a/deep", depth: 3)
    crawl.offer("http://a/first", depth: 1)
    crawl.offer("http://a/second", depth: 1)
    crawl.offer("http://a/redirected", depth: 3, source: .redirect(redirects: 1))
    #expect(crawl.drain() == ["/redirected", "/first", "/second", "/deep"])
  }

  @Test func theLastURLOfAHostIsKnownAsThat() {
    var crawl = Crawl(Crawl.settings { $0.maxDepth = 2 })
    for url in ["http://a/x", "http://a/y", "http://b/z"] { crawl.offer(url, depth: 2) }
    crawl.offer("http://c/x", depth: 1)
    var lasts: [String] = []
    while let entry = crawl.next() {
      if crawl.frontier.isLastOfHost(entry) { lasts.append(entry.url.href) }
      crawl.done(entry)
    }
    #expect(lasts.sorted() == ["http://a/y", "http://b/z"], "what is less deep may name others")

    var budget = Crawl(
      Crawl.settings {
        $0.hostBudget = 2
        $0.concurrency = 2
      })
    for number in 0..<3 { budget.offer("http://a/\(number)") }
    let (first, second) = (budget.next()!, budget.next()!)
    #expect(!budget.frontier.isLastOfHost(first) && !budget.frontier.isLastOfHost(second), "another is in flight")
    budget.done(first)
    #expect(budget.frontier.isLastOfHost(second))
    budget.offer("http://b/x")
    #expect(!budget.frontier.isLastOfHost(budget.next()!), "the budget has room")
  }

  @Test func aURLIsQueuedOnce() {
    var crawl = Crawl(Crawl.settings())
    let first = crawl.offer("http://a/x")
    let again = crawl.offer("http://a/x#part")
    #expect(first.isReady)
    #expect(again.id == first.id && !again.isReady)
    #expect(crawl.drain() == ["/x"])
    #expect(!crawl.offer("http://a/x").isReady)
  }

  @Test func aRestoredTaskStartsSeedsBeforeItsScopeIsKnown() {
    var crawl = Crawl()
    crawl.frontier.addTask(id: 2, settings: Crawl.settings { $0.scope = .host }, isRestored: true)
    crawl.frontier.noteStoredHosts(task: 2)
    crawl.frontier.setRunning(true, task: 2, now: crawl.now)
    let texts = ["http://a/seed", "http://a/other", "http://a/link", "http://b/link"]
    let rows = texts.enumerated().map { place, text in
      let key = QueuePlace(priority: FrontierEntry.ordinaryPriority, depth: place / 2, id: Int64(place) + 1)
      return FrontierEntry(key: key, taskID: 2, hostID: 1, url: WebURL(text)!)
    }
    for request in crawl.frontier.activationsDue(now: crawl.now) {
      let host = StoredHost(
        id: 1, scheme: "http", name: "a", port: 80, firstKey: rows[0].key, robots: .unknown, notBefore: 0)
      crawl.frontier.endActivation(request, hosts: [host], now: crawl.now)
    }
    for request in crawl.frontier.refillsDue() {
      crawl.frontier.endRefill(request, rows: rows, isComplete: true, now: crawl.now)
    }
    #expect(crawl.drain() == ["/seed", "/other"])
    crawl.frontier.admit(seed: rows[0].url, task: 2)
    #expect(crawl.drain() == [] && crawl.frontier.takeExcluded().isEmpty)
    crawl.frontier.completeScope(task: 2, now: crawl.now)
    #expect(crawl.drain() == ["/link"])
    #expect(crawl.frontier.takeExcluded().map(\.reason) == [.scope])
  }

  @Test func startsOnAHostAreADelayApart() {
    var crawl = Crawl(Crawl.settings { $0.delay = 1_000_000 })
    for path in ["x", "y", "z"] { crawl.offer("http://a/\(path)") }
    let start = crawl.now
    var starts: [Int64] = []
    while let entry = crawl.next() {
      starts.append(crawl.now - start)
      crawl.done(entry)
      guard let wake = crawl.frontier.nextReadyTime(now: crawl.now) else { break }
      crawl.now = wake
    }
    #expect(starts == [0, 1_000_000, 2_000_000])
  }

  @Test func aSlotIsFreeWhenTheBytesAreIn() {
    var crawl = Crawl(Crawl.settings { $0.concurrency = 2 })
    for path in 1...3 { crawl.offer("http://a/\(path)") }
    let first = crawl.next()
    let second = crawl.next()
    #expect(first != nil && second != nil && crawl.next() == nil)
    crawl.frontier.release(first!, FetchObservation(.ok), now: crawl.now)
    #expect(crawl.next()?.url.path == "/3")
  }

  @Test func hostsTakeTurns() {
    var crawl = Crawl(Crawl.settings())
    for path in 1...2 { for host in ["a", "b", "c"] { crawl.offer("http://\(host)/\(path)") } }
    var hosts: [String] = []
    while let entry = crawl.next() {
      hosts.append(entry.url.hostName!)
      crawl.done(entry)
    }
    #expect(hosts == ["a", "b", "c", "a", "b", "c"])
  }

  @Test func tasksShareByPriority() {
    var crawl = Crawl(
      Crawl.settings {
        $0.priority = 9; $0.concurrency = 1_000
      })
    crawl.frontier.addTask(
      id: 2,
      settings: Crawl.settings {
        $0.priority = 0; $0.concurrency = 1_000
      })
    crawl.frontier.completeSeen(task: 2)
    crawl.frontier.setRunning(true, task: 2, now: crawl.now)
    for number in 1...200 {
      for task in [1, 2] as [Int64] {
        let url = WebURL("http://h\(task)/\(number)")!
        _ = crawl.frontier.offer(
          Offer(url: url, source: .seed, depth: 0, viaURLID: nil), task: task, now: crawl.now, sequence: nil)
      }
    }
    var counts: [Int64: Int] = [:]
    for _ in 1...110 { counts[crawl.next()!.taskID, default: 0] += 1 }
    #expect(counts == [1: 100, 2: 10])
  }

  /// A thousand other hosts would be asked for theirs before, and the connection closed.
  @Test func theFirstPageFollowsItsRobotsWhileItsConnectionIsOpen() {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    for host in ["a", "b", "c"] {
      crawl.offer("http://\(host)/1")
      crawl.offer("http://\(host)/2")
    }
    var order: [String] = []
    while let entry = crawl.next() {
      order.append((entry.url.hostName ?? "") + entry.url.path)
      crawl.done(entry)
      if entry.kind == .robots { crawl.frontier.robotsFetched(hostID: entry.hostID, .allowAll, now: crawl.now) }
    }
    #expect(
      order == ["a/robots.txt", "a/1", "b/robots.txt", "b/1", "c/robots.txt", "c/1", "a/2", "b/2", "c/2"])
  }

  @Test func robotsComesFirstAndIsFetchedOnce() {
    var crawl = Crawl(
      Crawl.settings {
        $0.obeysRobots = true; $0.concurrency = 4
      })
    crawl.offer("http://a/private/x")
    crawl.offer("http://a/y")
    let robots = crawl.next()
    #expect(robots?.kind == .robots && robots?.url.href == "http://a/robots.txt")
    #expect(crawl.next() == nil)
    crawl.frontier.release(robots!, FetchObservation(.ok), now: crawl.now)
    let rules = RobotsRules.parse(Array("User-agent: *\nDisallow: /private/\n".utf8), productToken: "crawld")
    crawl.frontier.robotsFetched(hostID: robots!.hostID, .rules(rules), now: crawl.now)
    #expect(crawl.drain() == ["/y"])
    #expect(crawl.frontier.takeExcluded().map(\.reason) == [.robots])
    #expect(crawl.offer("http://a/private/z").exclusion == .robots)
  }

  @Test func unreachableRobotsIsTriedAgainAndThenGivenUp() {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    crawl.offer("http://a/x")
    let start = crawl.now
    var tries = 0
    while crawl.frontier.failuresDue().isEmpty {
      guard let robots = crawl.next() else {
        crawl.now = crawl.frontier.nextReadyTime(now: crawl.now)!
        continue
      }
      tries += 1
      crawl.frontier.release(robots, FetchObservation(.networkError), now: crawl.now)
      crawl.frontier.robotsFetched(hostID: robots.hostID, .unreachable(isFinal: false), now: crawl.now)
    }
    #expect(tries == 5)
    #expect(crawl.now - start <= 120_000_000)
    #expect(crawl.next() == nil)
    let late = crawl.offer("http://a/y")
    guard case .discovered(.robotsUnreachable) = late.change else {
      Issue.record("a URL of a host whose robots.txt is unreachable fails at once, not \(late.change)")
      return
    }
  }

  @Test func aPausedTaskStartsNothingAndGoesOnWhereItStopped() {
    var crawl = Crawl(Crawl.settings())
    for path in 1...3 { crawl.offer("http://a/\(path)") }
    let first = crawl.next()!
    crawl.frontier.setRunning(false, task: 1, now: crawl.now)
    crawl.frontier.release(first, FetchObservation(.aborted), now: crawl.now)
    crawl.frontier.putBack(first, now: crawl.now)
    #expect(crawl.next() == nil)
    crawl.frontier.setRunning(true, task: 1, now: crawl.now)
    #expect(crawl.drain() == ["/1", "/2", "/3"])
  }

  @Test func pagesAreReservedAgainstTheQuota() {
    var crawl = Crawl(
      Crawl.settings {
        $0.maxPages = 2; $0.concurrency = 8
      })
    for path in 1...5 { crawl.offer("http://a/\(path)") }
    #expect(crawl.next() != nil)
    #expect(crawl.next() != nil)
    #expect(crawl.next() == nil)
  }

  @Test func aPageStaysReservedUntilItsOutcomeIsKnown() {
    var crawl = Crawl(
      Crawl.settings {
        $0.maxPages = 1; $0.concurrency = 8
      })
    for path in 1...3 { crawl.offer("http://a/\(path)") }
    let first = crawl.next()!
    crawl.frontier.release(first, FetchObservation(.ok), now: crawl.now)
    #expect(crawl.next() == nil, "its bytes are in, but it may still be a final answer")
    crawl.sequence += 1
    crawl.frontier.finish(first, sequence: crawl.sequence, isFinalAnswer: false)
    #expect(crawl.next() != nil)
  }

  @Test func rowsOfAHostWithoutRobotsAreNotVisitedHoweverTheyCome() {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    crawl.offer("http://a/x")
    let robots = crawl.next()!
    crawl.frontier.release(robots, FetchObservation(.networkError), now: crawl.now)
    crawl.frontier.robotsFetched(hostID: robots.hostID, .unreachable(isFinal: true), now: crawl.now)
    #expect(crawl.frontier.failuresDue().count == 1)
    // A delayed URL that becomes ready later, and a task that is added later.
    let late = FrontierEntry(
      key: QueuePlace(priority: 5, depth: 1, id: 77), taskID: 1, hostID: robots.hostID, url: WebURL("http://a/late")!)
    crawl.frontier.enqueueStored(late, now: crawl.now)
    #expect(crawl.next() == nil)
    #expect(crawl.frontier.failuresDue().map(\.hostID) == [robots.hostID])
  }

  @Test func aNewTaskAsksAgainForWhatWasUnreachable() {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    crawl.offer("http://a/x")
    let robots = crawl.next()!
    crawl.frontier.release(robots, FetchObservation(.networkError), now: crawl.now)
    crawl.frontier.robotsFetched(hostID: robots.hostID, .unreachable(isFinal: true), now: crawl.now)
    _ = crawl.frontier.failuresDue()
    #expect(crawl.offer("http://a/y").isReady == false)
    #expect(crawl.offer("http://a/early", depth: 0, source: .seed).isReady == false, "its rows are still being failed")
    crawl.frontier.endFailure(hostID: robots.hostID, now: crawl.now)
    #expect(crawl.offer("http://a/seed", depth: 0, source: .seed).isReady)
    crawl.now += 60_000_000
    #expect(crawl.next()?.kind == .robots)
  }

  @Test func externalHostsTakeNoPlaceAmongTheActive() {
    var limits = FrontierLimits()
    limits.maxActiveHosts = 2
    var crawl = Crawl(Crawl.settings { $0.scope = .host }, limits: limits)
    crawl.frontier.admit(seed: WebURL("http://a/")!, task: 1)
    for host in 1...50 { #expect(crawl.offer("http://external\(host)/").exclusion == .scope) }
    crawl.offer("http://a/x")
    #expect(crawl.drain() == ["/x"])
  }

  @Test func aNarrowerSettingHoldsForWhatIsQueued() {
    var crawl = Crawl(Crawl.settings())
    crawl.offer("http://a/secret")
    crawl.offer("http://a/open")
    crawl.frontier.update(Crawl.settings { $0.exclude = [Glob("**secret")] }, task: 1, now: crawl.now)
    #expect(crawl.drain() == ["/open"])
    #expect(crawl.frontier.takeExcluded().map(\.reason) == [.exclude])
  }

  @Test func theRateSpacesStartsOverAllHosts() {
    var crawl = Crawl(Crawl.settings { $0.rate = 2 })
    for host in ["a", "b", "c"] { crawl.offer("http://\(host)/") }
    #expect(crawl.next() != nil && crawl.next() == nil)
    #expect(crawl.frontier.nextReadyTime(now: crawl.now) == crawl.now + 500_000)
    crawl.now += 500_000
    #expect(crawl.next() != nil && crawl.next() == nil)
  }
}
