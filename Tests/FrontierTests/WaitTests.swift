import Frontier
import Politeness
import Testing
import WebURL

/// What is told of hosts and tasks that wait.
@Suite struct WaitTests {
  private static let delay: Int64 = 600_000_000

  private func start(
    of hostID: Int64, _ crawl: Crawl, is time: Int64, _ reason: Blocking.Reason, line: Int = #line
  ) {
    let start = crawl.frontier.earliestStart(hostID: hostID, task: 1, now: crawl.now)
    #expect(start?.time == time && start?.reason == reason, "line \(line)")
  }

  /// It waits for the host's pace as it is then, behind what was fetched last.
  @Test func aURLThatIsTriedAgainWaitsForTheHostsPace() {
    var crawl = Crawl(Crawl.settings { $0.delay = Self.delay })
    crawl.offer("http://a/")
    let entry = crawl.next()!
    _ = crawl.frontier.maySend(hostID: entry.hostID, isAgain: false, now: crawl.now)
    let sent = crawl.now
    crawl.now += 1_000_000
    crawl.done(entry, .serverError)
    start(of: entry.hostID, crawl, is: sent + Self.delay, .delay)
    crawl.frontier.update(Crawl.settings { $0.delay = 2_000_000 }, task: 1, now: crawl.now)
    start(of: entry.hostID, crawl, is: sent + 2_000_000, .delay)
    crawl.frontier.block(hostID: entry.hostID, until: crawl.now + 3 * Self.delay)
    start(of: entry.hostID, crawl, is: crawl.now + 3 * Self.delay, .blockedByUser)
    crawl.frontier.block(hostID: entry.hostID, until: crawl.now + 1)
    start(of: entry.hostID, crawl, is: sent + 2_000_000, .delay)
  }

  @Test func aHostThatIsNotInMemoryCountsAsAskedAtTheStart() {
    let crawl = Crawl(Crawl.settings { $0.delay = Self.delay })
    crawl.frontier.noteHost(id: 7, scheme: "http", name: "a", port: 80)
    #expect(crawl.frontier.earliestStart(hostID: 7, task: 1, now: crawl.now) == nil)
    crawl.frontier.takenUpAt = crawl.now
    start(of: 7, crawl, is: crawl.now + Self.delay, .restart)
    crawl.frontier.set(HostSettings(delay: 0, concurrency: nil, budget: nil), hostID: 7)
    start(of: 7, crawl, is: crawl.now, .restart)
    crawl.frontier.block(hostID: 7, until: crawl.now + 5)
    start(of: 7, crawl, is: crawl.now + 5, .blockedByUser)
  }

  /// The reason and the time are those that `hosts` goes by, whichever of the two ends last.
  @Test func aBlockThatEndsBeforeThePaceIsNotWhatIsWaitedFor() {
    var crawl = Crawl(Crawl.settings { $0.delay = Self.delay })
    for path in ["1", "2"] { crawl.offer("http://a/\(path)") }
    let entry = crawl.next()!
    _ = crawl.frontier.maySend(hostID: entry.hostID, isAgain: false, now: crawl.now)
    crawl.done(entry)
    for (length, reason) in [(5, .delay), (2 * Self.delay, .blockedByUser)] as [(Int64, Blocking.Reason)] {
      crawl.frontier.block(hostID: entry.hostID, until: crawl.now + length)
      let wait = crawl.frontier.blocking(task: 1, hostID: entry.hostID, now: crawl.now)
      #expect(wait?.reason == reason && wait?.until == crawl.now + max(length, Self.delay))
      #expect(crawl.frontier.hostStatuses(now: crawl.now).map(\.readyTime) == [wait?.until])
    }
  }

  @Test func aMaximumIsTheTasksWhereItHasOne() {
    var limits = FrontierLimits()
    limits.maxInFlight = 2
    for (own, told) in [(nil, nil), (3, nil), (2, 2), (1, 1)] as [(Int?, Int?)] {
      var crawl = Crawl(Crawl.settings { $0.maxInFlight = own }, limits: limits)
      for host in 1...3 { crawl.offer("http://h\(host)/") }
      while crawl.next() != nil {}
      var count: Int?
      if case .maxInFlight(let maximum) = crawl.frontier.hold(task: 1, now: crawl.now) { count = maximum }
      #expect(count == told, "\(own ?? 0)")
    }
  }

  /// Of some of which nobody knows when they go on.
  @Test func hostsWithoutATimeAreCounted() {
    var crawl = Crawl(Crawl.settings { $0.delay = Self.delay })
    for host in ["a", "b"] {
      for path in 1...2 { crawl.offer("http://\(host)/\(path)") }
    }
    crawl.done(crawl.next()!)
    _ = crawl.next()
    let waits = crawl.frontier.blocking(task: 1, now: crawl.now)
    #expect(waits.map(\.untimedHosts) == waits.map { $0.until == nil ? $0.hosts : 0 })
    #expect(waits.contains { $0.untimedHosts == 1 } && waits.contains { $0.reason == .delay })
  }

  /// Its robots.txt is tried again at a time, but not before a fetch of another task has ended, and nobody knows when it does.
  @Test func aRobotsFileThatIsTriedAgainWaitsForTheFetchInFlight() throws {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    let hostID = try #require(crawl.offer("http://a/1").hostID)
    let robots = crawl.next()!
    crawl.frontier.release(robots, FetchObservation(.serverError), now: crawl.now)
    crawl.frontier.robotsFetched(hostID: hostID, .unreachable(isFinal: false), now: crawl.now)
    func wait() -> Blocking? { crawl.frontier.blocking(task: 1, hostID: hostID, now: crawl.now) }
    #expect(wait()?.reason == .robots && wait()?.until ?? 0 > crawl.now && wait()?.untimedHosts == 0)
    crawl.frontier.addTask(id: 2, settings: Crawl.settings())
    crawl.frontier.completeSeen(task: 2)
    crawl.frontier.setRunning(true, task: 2, now: crawl.now)
    let offer = Offer(url: WebURL("http://a/2")!, source: .seed, depth: 0, viaURLID: nil)
    _ = crawl.frontier.offer(offer, task: 2, now: crawl.now, sequence: nil)
    let page = crawl.next()!
    #expect(page.taskID == 2 && wait()?.reason == .robots && wait()?.untimedHosts == 1)
    #expect(crawl.frontier.blocking(task: 1, now: crawl.now).map(\.untimedHosts) == [1])
    #expect(crawl.frontier.hostStatuses(now: crawl.now).map(\.readyTime) == [nil])
    crawl.frontier.release(page, FetchObservation(.ok), now: crawl.now)
    #expect(wait()?.untimedHosts == 0)
  }

  @Test func thePlaceOfAURLInItsQueueIsKnown() {
    var limits = FrontierLimits()
    limits.headEntries = 32
    var crawl = Crawl(Crawl.settings(), limits: limits)
    let ids = (0..<40).map { crawl.offer("http://a/\($0)").id }
    let hostID = crawl.next()!.hostID
    let places = ids.map { crawl.frontier.place(ofURL: $0, hostID: hostID, task: 1) }
    #expect(places[0] == nil, "it is in flight")
    #expect(places[1]?.before == 0 && places[31]?.before == 30)
    #expect(places[1...31].allSatisfy { $0?.isExact == true })
    #expect(places[39]?.before == 31 && places[39]?.isExact == false, "it is a row")
    #expect(crawl.frontier.place(ofURL: 1_000, hostID: 7, task: 1) == nil)
  }

  @Test func whatIsNotCommittedIsCounted() {
    var crawl = Crawl(Crawl.settings())
    crawl.offer("http://a/1")
    crawl.offer("http://a/2")
    let entry = crawl.next()!
    crawl.frontier.release(entry, FetchObservation(.ok), now: crawl.now)
    #expect(crawl.frontier.uncommittedCount(task: 1) == 0)
    func isGivenOut(_ id: Int64) -> Bool {
      crawl.frontier.isGivenOut(urlID: id, hostID: entry.hostID, task: 1)
    }
    #expect(isGivenOut(entry.id) && !isGivenOut(entry.id + 1))
    crawl.frontier.finish(entry, sequence: 3, isFinalAnswer: true)
    #expect(isGivenOut(entry.id))
    #expect(crawl.frontier.uncommittedCount(task: 1) == 1 && crawl.frontier.uncommittedCount(task: 2) == 0)
    crawl.frontier.committed(through: 3)
    #expect(crawl.frontier.uncommittedCount(task: 1) == 0 && !isGivenOut(entry.id))
  }

  /// A redirect asks for time, which the row waits for.
  @Test func whatIsDueLaterIsNotQueued() {
    var crawl = Crawl(Crawl.settings { $0.maxDepth = 1 })
    var offer = Offer(url: WebURL("http://a/later")!, source: .redirect(redirects: 1), depth: 1, viaURLID: nil)
    offer.dueAt = 7
    let later = crawl.frontier.offer(offer, task: 1, now: crawl.now, sequence: nil)
    guard case .discovered(.delayed(until: 7)) = later.change else {
      Issue.record("it waits: \(later.change)")
      return
    }
    #expect(crawl.next() == nil && later.redirects == 1)
    guard case .known = crawl.offer("http://a/later").change else {
      Issue.record("it is one of the task's URLs")
      return
    }
    offer.url = WebURL("http://a/deep")!
    offer.depth = 2
    #expect(crawl.frontier.offer(offer, task: 1, now: crawl.now, sequence: nil).exclusion == .depth)
    offer.depth = 1
    guard case .revived(.delayed(until: 7)) = crawl.frontier.offer(offer, task: 1, now: crawl.now, sequence: nil).change
    else {
      Issue.record("what was excluded waits, too")
      return
    }
    #expect(crawl.next() == nil)
  }
}
