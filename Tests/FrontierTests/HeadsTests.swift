import Frontier
import Politeness
import Testing
import WebURL

/// Heads and rows: whatever the order of offers, commits, reads and pauses, each URL is given out exactly once.
@Suite struct HeadsTests {
  /// Answers a refill from the rows that have committed, as the database would.
  private func answer(_ request: RefillRequest, _ crawl: Crawl, readable: Set<Int64>) -> [FrontierEntry] {
    let rows = readable.compactMap { id in crawl.rows[id].map { (id, $0) } }
      .filter { $0.1.hostID == request.hostID }
      .map { (QueuePlace(priority: $0.1.priority, depth: $0.1.depth, id: $0.0), $0.1) }
      .filter { $0.0 >= request.from }
      .sorted { $0.0 < $1.0 }
      .prefix(request.limit)
    return rows.map { FrontierEntry(key: $0.0, taskID: 1, hostID: request.hostID, url: $0.1.url) }
  }

  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func randomLives(seed: UInt64) {
    var random = Generator(state: seed)
    var limits = FrontierLimits()
    limits.headEntries = 0
    var crawl = Crawl(Crawl.settings { $0.concurrency = 3 }, limits: limits)
    var readable: Set<Int64> = []
    var offered = 0
    var given: [Int64] = []
    var inFlight: [FrontierEntry] = []
    var uncommittedReady: Set<Int64> = []
    var finished: Set<Int64> = []
    var reads: [(RefillRequest, [FrontierEntry])] = []
    let total = 600
    var steps = 0
    while given.count < total {
      steps += 1
      guard steps < 1_000_000 else {
        Issue.record("\(total - given.count) URLs are never given out")
        return
      }
      switch random.next() % 10 {
      case 0...3 where offered < total:
        for _ in 0..<random.next() % 40 where offered < total {
          offered += 1
          let host = random.next() % 2
          let isRedirect = random.next() % 20 == 0
          let result = crawl.offer(
            "http://h\(host)/\(offered)", depth: Int(random.next() % 6) + 1,
            source: isRedirect ? .redirect(redirects: 1) : .link(followed: true, nofollow: false), committed: false)
          #expect(result.isReady)
          uncommittedReady.insert(result.id)
        }
      case 4:
        readable.formUnion(uncommittedReady)
        readable.subtract(finished)
        uncommittedReady.removeAll()
        crawl.frontier.committed(through: crawl.sequence)
      case 5:
        for request in crawl.frontier.refillsDue() {
          reads.append((request, answer(request, crawl, readable: readable)))
        }
      case 6 where !reads.isEmpty:
        let (request, rows) = reads.removeFirst()
        crawl.frontier.endRefill(
          request, rows: random.next() % 8 == 0 ? nil : rows, isComplete: rows.count < request.limit, now: crawl.now)
      case 7 where !inFlight.isEmpty:
        let entry = inFlight.removeFirst()
        crawl.frontier.release(entry, .init(.ok), now: crawl.now)
        if random.next() % 6 == 0 {
          crawl.frontier.putBack(entry, now: crawl.now)
        } else {
          given.append(entry.id)
          crawl.sequence += 1
          crawl.frontier.finish(entry, sequence: crawl.sequence, isFinalAnswer: true)
          finished.insert(entry.id)
        }
      default:
        if let entry = crawl.next() { inFlight.append(entry) }
      }
    }
    #expect(Set(given).count == total, "each URL is given out once")
    #expect(crawl.next() == nil)
  }

  @Test func aHeadIsBounded() {
    var limits = FrontierLimits()
    limits.headEntries = 0
    var crawl = Crawl(Crawl.settings(), limits: limits)
    for number in 1...1_000 { crawl.offer("http://a/\(number)") }
    #expect(crawl.frontier.hostStatuses(now: crawl.now).map(\.queued) == [32])
  }

  @Test func storedRowsOfAHostThatIsActiveAlreadyAreFound() {
    var crawl = Crawl(Crawl.settings())
    let known = crawl.offer("http://a/new")
    _ = crawl.drain()
    crawl.frontier.noteStoredHosts(task: 1)
    let request = crawl.frontier.activationsDue(now: crawl.now)[0]
    let stored = StoredHost(
      id: known.hostID!, scheme: "http", name: "a", port: 80,
      firstKey: QueuePlace(priority: 5, depth: 1, id: 500), robots: .unknown, notBefore: 0)
    crawl.offer("http://a/other")
    crawl.frontier.endActivation(request, hosts: [stored], now: crawl.now)
    #expect(crawl.frontier.refillsDue().map(\.hostID) == [known.hostID!])
  }

  /// A host may come into memory for a fetch that comes out of no queue, and for one that was offered before its row was
  /// read.
  @Test func aStoredBlockHoldsHoweverTheHostComesIntoMemory() {
    for reason in [BlockReason.user, .retryAfter] {
      let crawl = Crawl(Crawl.settings())
      let url = WebURL("http://a/robots.txt")!
      crawl.frontier.noteHost(id: 7, scheme: "http", name: "a", port: 80)
      crawl.frontier.noteBlock(hostID: 7, until: crawl.now + 5, reason: reason)
      #expect(crawl.frontier.bringHost(AsideTests.row(id: 7), now: crawl.now))
      let aside = Aside(task: 1)
      guard case .inLine(crawl.now + 5) = crawl.frontier.start(aside, url, now: crawl.now) else {
        Issue.record("a blocked host was asked: \(reason)")
        continue
      }
      crawl.frontier.unblock(hostID: 7)
      guard case .started = crawl.frontier.start(aside, url, now: crawl.now), aside.hostID == 7 else {
        Issue.record("a host that is no longer blocked was not asked")
        continue
      }
    }
  }

  @Test func whatTheThrottleAsksForIsStoredUntilItIsAtRest() {
    var crawl = Crawl(Crawl.settings())
    for number in 1...60 { crawl.offer("http://a/\(number)") }
    let first = crawl.next()!
    #expect(crawl.frontier.lastingClock(of: first.hostID, now: crawl.now) == nil)
    crawl.done(first, .rateLimited(retryAfter: nil))
    #expect(crawl.frontier.lastingClock(of: first.hostID, now: crawl.now)?.throttleDelay == 1_000_000)
    while crawl.frontier.hostStatuses(now: crawl.now)[0].effectiveDelay > 0 {
      crawl.now += 1_000_000
      guard let entry = crawl.next() else { break }
      crawl.done(entry)
    }
    let atRest = crawl.frontier.lastingClock(of: first.hostID, now: crawl.now)
    #expect(atRest != nil && atRest?.throttleDelay == nil, "what was stored is taken back")
    #expect(crawl.frontier.lastingClock(of: first.hostID, now: crawl.now) == nil, "once")
  }

  @Test func aStoredThrottleHoldsFromTheFirstFetchOn() {
    var crawl = Crawl(Crawl.settings())
    crawl.frontier.noteHost(id: 7, scheme: "http", name: "a", port: 80)
    var row = AsideTests.row(id: 7)
    row.throttleDelay = 3_000_000
    #expect(crawl.frontier.bringHost(row, now: crawl.now))
    for number in 1...2 { crawl.offer("http://a/\(number)") }
    crawl.done(crawl.next()!, .aborted)
    #expect(crawl.frontier.nextReadyTime(now: crawl.now) == crawl.now + 3_000_000)
  }

  @Test func aBlockOfAHostThatIsNotInMemoryHoldsWhenItComes() {
    var crawl = Crawl(Crawl.settings())
    crawl.frontier.noteHost(id: 7, scheme: "http", name: "a", port: 80)
    crawl.frontier.noteStoredHosts(task: 1)
    let request = crawl.frontier.activationsDue(now: crawl.now)[0]
    // While its row is being read.
    crawl.frontier.block(hostID: 7, until: crawl.now + 5)
    crawl.offer("http://a/")
    let stored = StoredHost(
      id: 7, scheme: "http", name: "a", port: 80, firstKey: QueuePlace(priority: 5, depth: 1, id: 1), robots: .unknown,
      notBefore: 0)
    crawl.frontier.endActivation(request, hosts: [stored], now: crawl.now)
    #expect(crawl.frontier.hostStatuses(now: crawl.now).map(\.wait) == [.blocked(until: crawl.now + 5, .user)])
    crawl.now += 5
    #expect(crawl.frontier.hostStatuses(now: crawl.now).map(\.wait) == [.nothing])
    #expect(crawl.frontier.hostStatuses(now: crawl.now).map(\.blockedUntil) == [nil], "a block that is over")
  }

  @Test func oneFetchAtATimeTriesAProxyThatWasOutOfOrder() {
    var crawl = Crawl(Crawl.settings { $0.concurrency = 4 })
    for number in 0..<3 { crawl.offer("http://a/\(number)") }
    crawl.frontier.noteProxyOutage(until: crawl.now + 5, task: 1)
    #expect(crawl.next() == nil)
    #expect(crawl.frontier.nextReadyTime(now: crawl.now) == crawl.now + 5)
    crawl.now += 5
    let trial = crawl.next()
    #expect(trial != nil && crawl.next() == nil)
    guard let trial else { return }
    crawl.frontier.release(trial, FetchObservation(.ok), now: crawl.now)
    crawl.frontier.noteProxyOutage(until: nil, task: 1)
    #expect(crawl.next() != nil && crawl.next() != nil)
  }

  @Test func hostsThatTheProxyServedTryItBeforeThoseThatItDidNot() {
    var crawl = Crawl(Crawl.settings())
    for (number, name) in "abcd".enumerated() { crawl.offer("http://\(name)/\(number)") }
    func outage(of hosts: Set<Int64>) {
      crawl.frontier.noteProxyOutage(until: crawl.now, unserved: hosts, task: 1)
    }
    var paths: [String] = []
    for hosts in [[1, 2, 4], [1, 2, 3, 4], [1, 2, 3, 4]] as [Set<Int64>] {
      outage(of: hosts)
      guard let trial = crawl.next() else { break }
      #expect(crawl.next() == nil)
      paths.append(trial.url.path)
      crawl.done(trial)
    }
    crawl.frontier.noteProxyOutage(until: nil, task: 1)
    #expect(paths == ["/2", "/3", "/0"])
    #expect(crawl.drain() == ["/1"])
  }

  @Test func theScanForStoredHostsEnds() {
    var crawl = Crawl(Crawl.settings())
    crawl.offer("http://a/x")
    crawl.frontier.noteStoredHosts(task: 1)
    var reads = 0
    while let request = crawl.frontier.activationsDue(now: crawl.now).first {
      reads += 1
      guard reads < 10 else {
        Issue.record("the scan begins again and again")
        return
      }
      // Two full reads and a last one; every host is in memory, and still has ready rows.
      let first = request.afterHostID + 1
      let count = reads <= 2 ? request.limit : 3
      let rows = (first..<first + Int64(count)).map {
        StoredHost(
          id: 1_000 + $0, scheme: "http", name: "h\($0)", port: 80,
          firstKey: QueuePlace(priority: 5, depth: 1, id: 10_000 + $0), robots: .unknown, notBefore: 0)
      }
      crawl.frontier.endActivation(request, hosts: rows, now: crawl.now)
    }
    #expect(reads == 3)
  }

  @Test func hostsBeyondTheLimitAreReadWhenThereIsRoom() {
    var limits = FrontierLimits()
    limits.maxActiveHosts = 2
    var crawl = Crawl(Crawl.settings(), limits: limits)
    for host in 1...5 { crawl.offer("http://h\(host)/") }
    var visited: Set<String> = []
    for _ in 1...40 {
      while let entry = crawl.next() {
        visited.insert(entry.url.hostName!)
        crawl.done(entry)
      }
      for request in crawl.frontier.activationsDue(now: crawl.now) {
        let hosts = Dictionary(grouping: crawl.ready.map { ($0, crawl.rows[$0]!) }, by: \.1.hostID)
          .filter { $0.key > request.afterHostID }.sorted { $0.key < $1.key }.prefix(request.limit)
        let rows = hosts.map { id, urls in
          let first = urls.map { QueuePlace(priority: $0.1.priority, depth: $0.1.depth, id: $0.0) }.min()!
          return StoredHost(
            id: id, scheme: "http", name: urls[0].1.url.hostName!, port: 80, firstKey: first, robots: .unknown,
            notBefore: 0)
        }
        crawl.frontier.endActivation(request, hosts: rows, now: crawl.now)
      }
      for request in crawl.frontier.refillsDue() {
        let rows = answer(request, crawl, readable: crawl.ready)
        crawl.frontier.endRefill(request, rows: rows, isComplete: rows.count < request.limit, now: crawl.now)
      }
      crawl.now += 100_000
    }
    #expect(visited.count == 5)
  }

  /// Who lists hosts page by page gets each that is wanted once, and no page tells of more than it shows.
  @Test func hostsAreListedPageByPage() {
    var crawl = Crawl(Crawl.settings())
    for number in 0..<25 { crawl.offer("http://h\(number)/") }
    let all = crawl.frontier.hostStatuses(now: crawl.now)
    var (ids, pages): ([Int64], Int) = ([], 0)
    while true {
      let page = crawl.frontier.hostStatuses(after: ids.last ?? 0, limit: 10, task: nil, others: [], now: crawl.now)
      ids += page.map(\.id)
      pages += 1
      if page.count < 10 { break }
    }
    #expect(ids == all.map(\.id) && pages == 3)
    func listed(task: Int64, others: Set<Int64>) -> [Int64] {
      crawl.frontier.hostStatuses(after: ids[2], limit: 10, task: task, others: others, now: crawl.now).map(\.id)
    }
    #expect(listed(task: 1, others: []) == Array(ids[3..<13]))
    #expect(listed(task: 2, others: [ids[1], ids[7], 99]) == [ids[7]])
  }
}

struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
