import Frontier
import Politeness
import Testing
import WebURL

/// Budgets of hosts and of path patterns that change while a task has URLs.
@Suite struct BudgetTests {
  @Test func whatIsBeyondABudgetIsLetInByALargerOne() {
    var settings = Crawl.settings { $0.hostBudget = 1 }
    var crawl = Crawl(settings)
    #expect(crawl.offer("http://a/1").isReady && crawl.offer("http://a/2").exclusion == .hostBudget)
    settings.hostBudget = 2
    crawl.frontier.update(settings, task: 1, now: crawl.now)
    #expect(crawl.offer("http://a/2", excludedFor: .hostBudget).isReady)
    #expect(!crawl.offer("http://a/2", excludedFor: .hostBudget).isReady, "it was let in since")
    #expect(crawl.offer("http://a/3").exclusion == .hostBudget)
  }

  /// The first place that is given back of a budget that is used up is told: the budget may have excluded others.
  @Test(arguments: [ExclusionReason.hostBudget, .patternBudget])
  func aPlaceThatRobotsTxtTakesBackIsTold(reason: ExclusionReason) {
    var crawl = Crawl(
      Crawl.settings {
        $0.obeysRobots = true
        if reason == .hostBudget { $0.hostBudget = 2 } else { $0.patternBudget = 2 }
      })
    let urls = ["http://a/item/01", "http://a/item/02", "http://a/item/11"]
    #expect(urls.map { crawl.offer($0).exclusion } == [nil, nil, reason])
    let robots = crawl.next()!
    crawl.frontier.release(robots, FetchObservation(.ok), now: crawl.now)
    let rules = RobotsRules.parse(Array("User-agent: *\nDisallow: /item/0\n".utf8), productToken: "crawld")
    crawl.frontier.robotsFetched(hostID: robots.hostID, .rules(rules), now: crawl.now)
    #expect(crawl.next() == nil)
    #expect(crawl.frontier.takeExcluded().map(\.roomyBudgets) == [[reason], []])
    #expect(crawl.offer(urls[2], excludedFor: reason).isReady)
  }

  /// A budget is set while pages are read: what has a row is read back, what is offered meanwhile counts itself.
  @Test func whatIsOfferedWhileABudgetIsCountedCountsOnce() {
    var settings = Crawl.settings()
    var crawl = Crawl(settings)
    let first = crawl.offer("http://a/1")
    settings.hostBudget = 3
    crawl.frontier.update(settings, task: 1, now: crawl.now)
    let end = crawl.frontier.beginBudgetCount(task: 1)
    let second = crawl.offer("http://a/2")
    #expect(first.id < end && second.id == end)
    crawl.frontier.noteBudgetUse(id: first.id, WebURL("http://a/1")!, hostID: first.hostID!, isVisited: false, task: 1)
    #expect(crawl.offer("http://a/3").isReady && crawl.offer("http://a/4").exclusion == .hostBudget)
  }

  /// robots.txt comes while rows are read, and forbids two of four URLs, which are excluded before the count has come to them
  /// or after; the row of one that it has not come to may be read as it was before or as it is then.
  @Test(arguments: [ExclusionReason.hostBudget, .patternBudget], 0...4)
  func aPlaceThatIsGivenBackWhileABudgetIsCountedCountsOnce(reason: ExclusionReason, counted: Int) {
    for showsExcluded in [false, true] {
      var settings = Crawl.settings { $0.obeysRobots = true }
      var crawl = Crawl(settings)
      let paths = ["item/01", "item/11", "item/02", "item/12"]
      let rows = paths.map { (url: WebURL("http://a/\($0)")!, offer: crawl.offer("http://a/\($0)")) }
      let robots = crawl.next()!
      crawl.frontier.release(robots, FetchObservation(.ok), now: crawl.now)
      if reason == .hostBudget { settings.hostBudget = 4 } else { settings.patternBudget = 4 }
      crawl.frontier.update(settings, task: 1, now: crawl.now)
      _ = crawl.frontier.beginBudgetCount(task: 1)
      func count(_ row: (url: WebURL, offer: OfferResult)) {
        crawl.frontier.noteBudgetUse(id: row.offer.id, row.url, hostID: row.offer.hostID!, isVisited: false, task: 1)
      }
      for row in rows.prefix(counted) { count(row) }
      let rules = RobotsRules.parse(Array("User-agent: *\nDisallow: /item/0\n".utf8), productToken: "crawld")
      crawl.frontier.robotsFetched(hostID: robots.hostID, .rules(rules), now: crawl.now)
      #expect(crawl.drain() == ["/item/11", "/item/12"])
      let excluded = crawl.frontier.takeExcluded()
      #expect(excluded.map(\.entry.url.path) == ["/item/01", "/item/02"])
      #expect(excluded.allSatisfy { $0.roomyBudgets == [reason] }, "nobody knows yet what has room")
      for row in rows.dropFirst(counted) where showsExcluded || !row.url.path.hasPrefix("/item/0") { count(row) }
      crawl.frontier.endBudgetCount(task: 1)
      let offers = ["item/13", "item/14", "item/15"].map { crawl.offer("http://a/\($0)").exclusion }
      #expect(offers == [nil, nil, reason], "shown \(showsExcluded)")
    }
  }

  /// Those that come up first, and no more, whatever was visited before; a user's budget of the host as well.
  @Test(arguments: [1, 2, 3, 5], ["host_budget", "pattern_budget", "budget"])
  func aNarrowerBudgetHoldsForWhatWaits(done: Int, name: String) {
    var settings = Crawl.settings()
    var crawl = Crawl(settings)
    let rows = (1...9).map { crawl.offer("http://a/item/\($0)") }
    for _ in 0..<done { crawl.done(crawl.next()!) }
    let inFlight = crawl.next()!
    if name == "host_budget" { settings.hostBudget = 3 }
    if name == "pattern_budget" { settings.patternBudget = 3 }
    if name == "budget" { crawl.frontier.set(HostSettings(budget: 3), hostID: rows[0].hostID!) }
    crawl.frontier.update(settings, task: 1, now: crawl.now)
    #expect(crawl.frontier.beginBudgetCount(task: 1) == 10)
    for (index, row) in rows.enumerated() {
      crawl.frontier.noteBudgetUse(
        id: row.id, WebURL("http://a/item/\(index + 1)")!, hostID: row.hostID!, isVisited: row.id <= inFlight.id,
        task: 1)
    }
    crawl.frontier.endBudgetCount(task: 1)
    crawl.done(inFlight)
    // It was tried before, and has its place.
    var again = FrontierEntry(
      key: QueuePlace(priority: 5, depth: 1, id: 1), taskID: 1, hostID: rows[0].hostID!,
      url: WebURL("http://a/item/1")!, attempts: 1)
    again.fingerprint = rows[0].fingerprint
    crawl.frontier.enqueueStored(again, now: crawl.now)
    var paths: [String] = []
    while let entry = crawl.next() {
      paths.append(entry.url.href)
      crawl.done(entry)
    }
    let last = max(3, done + 1)
    #expect(paths == ([1] + (done + 2..<last + 1)).map { "http://a/item/\($0)" })
    let excluded = crawl.frontier.takeExcluded()
    #expect(excluded.map(\.entry.id) == Array(Int64(last + 1)...9))
    #expect(Set(excluded.map(\.reason)) == [name == "pattern_budget" ? .patternBudget : .hostBudget])
    #expect(crawl.offer("http://a/item/10").exclusion != nil)
  }

  /// Until all is counted nothing is excluded by what was counted so far.
  @Test func whatWaitsIsVisitedWhileABudgetIsCounted() {
    var settings = Crawl.settings()
    var crawl = Crawl(settings)
    let row = crawl.offer("http://a/1")
    crawl.offer("http://a/2")
    settings.hostBudget = 1
    crawl.frontier.update(settings, task: 1, now: crawl.now)
    _ = crawl.frontier.beginBudgetCount(task: 1)
    for _ in 0..<3 {
      crawl.frontier.noteBudgetUse(id: row.id, WebURL("http://a/1")!, hostID: row.hostID!, isVisited: true, task: 1)
    }
    crawl.done(crawl.next()!)
    crawl.frontier.endBudgetCount(task: 1)
    #expect(crawl.next() == nil && crawl.frontier.takeExcluded().map(\.reason) == [.hostBudget])
  }
}
