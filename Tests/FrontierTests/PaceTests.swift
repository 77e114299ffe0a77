import Frontier
import Politeness
import Testing
import WebURL

/// When a host is asked, and when no more.
@Suite struct PaceTests {
  @Test func hostsAreAskedInTheOrderInWhichTheyWereMet() {
    var crawl = Crawl(Crawl.settings { $0.delay = 60_000_000 })
    crawl.frontier.setRunning(false, task: 1, now: crawl.now)
    let names = (0..<64).map { "h\($0).test" }
    for name in names {
      for path in ["first", "second"] { crawl.offer("http://\(name)/\(path)") }
    }
    #expect(hosts(&crawl) == [])
    crawl.frontier.setRunning(true, task: 1, now: crawl.now)
    #expect(hosts(&crawl) == names)
    crawl.frontier.update(Crawl.settings(), task: 1, now: crawl.now)
    #expect(hosts(&crawl) == names)
  }

  /// The hosts of what may start without time passing, in order.
  private func hosts(_ crawl: inout Crawl) -> [String?] {
    var hosts: [String?] = []
    while let entry = crawl.next() {
      hosts.append(entry.url.hostName)
      crawl.done(entry)
    }
    return hosts
  }

  @Test func requestsOnAHostAreADelayApartHoweverManyAreInFlight() {
    var crawl = Crawl(
      Crawl.settings {
        $0.delay = 1_000_000; $0.concurrency = 3
      })
    for path in 1...3 { crawl.offer("http://a/\(path)") }
    let first = crawl.next()!
    crawl.now += 5_000_000
    #expect(crawl.next() == nil && crawl.frontier.nextReadyTime(now: crawl.now) == nil)
    #expect(crawl.frontier.blocking(task: 1, hostID: first.hostID, now: crawl.now)?.reason == .request)
    let sent = crawl.frontier.maySend(hostID: first.hostID, isAgain: false, now: crawl.now)
    #expect(sent.isAllowed && sent.isAwaited)
    #expect(crawl.next() == nil && crawl.frontier.nextReadyTime(now: crawl.now) == crawl.now + 1_000_000)
    crawl.now += 1_000_000
    let second = crawl.next()!
    crawl.frontier.release(second, FetchObservation(.aborted), now: crawl.now)
    #expect(crawl.frontier.nextReadyTime(now: crawl.now) == crawl.now + 1_000_000, "its end ends the wait as well")
  }

  /// Whoever wants to know now whether it answers does not wait for the end of its outage.
  @Test func aHostWhoseOutageIsForgottenMayStartAtOnce() {
    var crawl = Crawl(Crawl.settings())
    for path in 1...9 { crawl.offer("http://a/\(path)") }
    var hostID: Int64 = 0
    for _ in 1...HostClock.failuresOfOutage {
      let entry = crawl.next()!
      hostID = entry.hostID
      crawl.done(entry, .silent)
    }
    #expect(crawl.next() == nil && crawl.frontier.nextReadyTime(now: crawl.now) == crawl.now + HostClock.firstOutage)
    nonisolated(unsafe) var isTold = false
    crawl.frontier.onEarlierStart = { isTold = true }
    crawl.frontier.forgetFailures(hostID: hostID, task: 1)
    #expect(isTold && crawl.next() != nil)
  }

  @Test(arguments: [true, false]) func aHostHasAnsweredOnceItHasOrItsRobotsFileIsKnown(isKnown: Bool) {
    var crawl = Crawl(Crawl.settings())
    crawl.frontier.noteHost(id: 7, scheme: "http", name: "a", port: 80)
    let stored = StoredHost(
      id: 7, scheme: "http", name: "a", port: 80, firstKey: .first, robots: .unknown,
      lastRead: isKnown ? .rules(.allowAll) : nil, notBefore: crawl.now)
    #expect(crawl.frontier.bringHost(stored, now: crawl.now))
    for path in 1...2 { crawl.offer("http://a/\(path)") }
    crawl.done(crawl.next()!, .silent)
    #expect(crawl.frontier.mayAnswerAgain(hostID: 7, now: crawl.now) == isKnown)
    #expect(crawl.frontier.mayAnswerAgain(hostID: 7, now: crawl.now + Frontier.longestDoubt) == isKnown)
    #expect(!crawl.frontier.mayAnswerAgain(hostID: 7, now: crawl.now + Frontier.longestDoubt + 1))
    crawl.done(crawl.next()!, .serverError)
    #expect(crawl.frontier.mayAnswerAgain(hostID: 7, now: crawl.now + Frontier.longestDoubt + 1))
  }

  /// Between two tries of its robots.txt, whatever ends last is what a host waits for.
  @Test func aHostIsSaidToWaitForWhatEndsLast() {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    crawl.offer("http://a/")
    let robots = crawl.next()!
    crawl.frontier.release(robots, FetchObservation(.networkError), now: crawl.now)
    crawl.frontier.robotsFetched(hostID: robots.hostID, .unreachable(isFinal: false), now: crawl.now)
    let next = crawl.frontier.nextReadyTime(now: crawl.now)!
    func wait() -> Blocking? { crawl.frontier.blocking(task: 1, hostID: robots.hostID, now: crawl.now) }
    #expect(next > crawl.now && wait()?.reason == .robots && wait()?.until == next)
    #expect(crawl.frontier.hostStatuses(now: crawl.now)[0].readyTime == next)
    crawl.frontier.block(hostID: robots.hostID, until: next - 1)
    #expect(wait()?.reason == .robots && wait()?.until == next)
    crawl.frontier.block(hostID: robots.hostID, until: next + 1)
    #expect(wait()?.reason == .blockedByUser && wait()?.until == next + 1)
    #expect(crawl.frontier.hostStatuses(now: crawl.now)[0].readyTime == next + 1)
  }

  /// From the daemon's start on: an earlier one may have asked it a moment before.
  @Test func aHostWaitsForItsOwnDelayAfterAStart() {
    var crawl = Crawl(Crawl.settings { $0.delay = 1_000_000 })
    let began = crawl.now
    crawl.frontier.takenUpAt = began
    crawl.offer("http://a/")
    #expect(crawl.next() != nil, "nobody has asked a host that is new")
    crawl.frontier.mayHaveLostHosts = true
    let id = crawl.offer("http://b/").hostID!
    #expect(crawl.next() == nil && crawl.frontier.nextReadyTime(now: crawl.now) == began + 1_000_000)
    #expect(crawl.frontier.blocking(task: 1, hostID: id, now: crawl.now)?.reason == .restart)
    crawl.frontier.addTask(id: 2, settings: Crawl.settings { $0.delay = 3_600_000_000 })
    crawl.now += 1_000_000
    #expect(crawl.next()?.url.href == "http://b/", "a task that does not run slows nothing down")
    crawl.now += 1_000_000
    crawl.offer("http://c/")
    #expect(crawl.next()?.url.href == "http://c/")
  }

  @Test func whatWasStartedIsNotSentAfterRetryAfter() {
    var crawl = Crawl(Crawl.settings { $0.concurrency = 2 })
    for path in 1...2 { crawl.offer("http://a/\(path)") }
    let (first, second) = (crawl.next()!, crawl.next()!)
    let sent = crawl.frontier.maySend(hostID: first.hostID, isAgain: false, now: crawl.now)
    #expect(sent.isAllowed && !sent.isAwaited)
    crawl.frontier.release(
      first, FetchObservation(.rateLimited(retryAfter: 9_000_000), isSent: true), now: crawl.now)
    #expect(!crawl.frontier.maySend(hostID: second.hostID, isAgain: false, now: crawl.now).isAllowed)
    crawl.frontier.release(second, FetchObservation(.aborted), now: crawl.now)
    crawl.frontier.putBack(second, now: crawl.now)
    #expect(crawl.next() == nil && crawl.frontier.nextReadyTime(now: crawl.now) == crawl.now + 9_000_000)
    crawl.now += 9_000_000
    #expect(crawl.next()?.url.path == "/2")
  }

  /// Until the rows of a slower task are read, nobody knows whether its delay holds on a host that another one has.
  @Test(arguments: [true, false]) func aHostWaitsForTheRowsOfAllTasksAfterAStart(isShared: Bool) throws {
    var crawl = Crawl(Crawl.settings())
    crawl.frontier.takenUpAt = crawl.now
    crawl.frontier.addTask(id: 2, settings: Crawl.settings { $0.delay = 10_000_000 })
    crawl.frontier.completeSeen(task: 2)
    crawl.frontier.setRunning(true, task: 2, now: crawl.now)
    crawl.frontier.noteHost(id: 7, scheme: "http", name: "a", port: 80)
    for task in [1, 2] as [Int64] { crawl.frontier.noteStoredHosts(task: task) }
    let requests = crawl.frontier.activationsDue(now: crawl.now)
    #expect(requests.map(\.taskID) == [1, 2])
    let host = StoredHost(
      id: 7, scheme: "http", name: "a", port: 80, firstKey: QueuePlace(priority: 9, depth: 1, id: 999),
      robots: .unknown,
      notBefore: crawl.now)
    crawl.frontier.endActivation(requests[0], hosts: [host], now: crawl.now)
    crawl.offer("http://a/x")
    #expect(crawl.next() == nil)
    crawl.frontier.endActivation(requests[1], hosts: isShared ? [host] : [], now: crawl.now)
    let wake = crawl.frontier.nextReadyTime(now: crawl.now)
    let next = try #require(wake)
    crawl.now = next
    let entry = crawl.next()
    #expect((entry == nil) == isShared)
    if isShared { #expect(crawl.frontier.hostStatuses(now: crawl.now).map(\.readyTime) == [1_010_000_000]) }
  }
}
