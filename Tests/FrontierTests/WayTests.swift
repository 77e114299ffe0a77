import Frontier
import Politeness
import Testing
import WebURL

/// A host that is silent behind a proxy.
@Suite struct WayTests {
  /// Task 1 has a proxy.
  private func crawl(_ change: (inout FrontierSettings) -> Void = { _ in }) -> Crawl {
    Crawl(
      Crawl.settings {
        $0.proxy = "office"
        $0.concurrency = 4
        change(&$0)
      })
  }

  private func end(_ crawl: inout Crawl, _ kind: FetchObservation.Kind) -> FrontierEntry? {
    guard let entry = crawl.next() else { return nil }
    crawl.frontier.release(entry, FetchObservation(kind, proxy: "office"), now: crawl.now)
    return entry
  }

  private func goSilent(_ crawl: inout Crawl) throws -> Int64 {
    var hostID: Int64 = 0
    for _ in 1...HostClock.failuresOfOutage { hostID = try #require(end(&crawl, .silent)).hostID }
    #expect(crawl.next() == nil)
    return hostID
  }

  @Test func isLeftAloneAndThenTriedByOneFetchOfTheTask() throws {
    var crawl = crawl()
    for path in 1...20 { crawl.offer("http://a/\(path)") }
    let start = crawl.now
    let hostID = try goSilent(&crawl)
    func blocking() -> Blocking? { crawl.frontier.blocking(task: 1, hostID: hostID, now: crawl.now) }
    let first = start + HostClock.firstOutage
    #expect(blocking()?.reason == .outage && blocking()?.until == first)
    #expect(crawl.frontier.nextReadyTime(now: crawl.now) == first)
    #expect(crawl.frontier.hostStatuses(now: crawl.now)[0].readyTime == first)
    let earliest = crawl.frontier.earliestStart(hostID: hostID, task: 1, now: crawl.now)
    #expect(earliest?.time == first && earliest?.reason == .outage)
    crawl.now = first
    let trial = try #require(crawl.frontier.next(now: crawl.now))
    #expect(crawl.next() == nil && blocking()?.reason == .concurrency, "one at a time")
    crawl.frontier.release(trial, FetchObservation(.silent, proxy: "office"), now: crawl.now)
    let second = first + HostClock.maximumOutage
    #expect(crawl.next() == nil && crawl.frontier.nextReadyTime(now: crawl.now) == second)
    crawl.now = second
    #expect(end(&crawl, .aborted) != nil && end(&crawl, .networkError) != nil, "they tell nothing")
    #expect(end(&crawl, .ok) != nil)
    for _ in 1...4 { #expect(crawl.next() != nil, "an answer ends it") }
  }

  @Test func isAskedByTasksThatGoAnotherWay() throws {
    var crawl = crawl()
    crawl.frontier.addTask(id: 2, settings: Crawl.settings())
    crawl.frontier.completeSeen(task: 2)
    crawl.frontier.setRunning(true, task: 2, now: crawl.now)
    for path in 1...9 { crawl.offer("http://a/\(path)") }
    _ = try goSilent(&crawl)
    for path in 1...9 {
      crawl.frontier.beginVisit(task: 2, sequence: crawl.sequence)
      let offer = Offer(
        url: WebURL("http://a/\(path)")!, source: .link(followed: true, nofollow: false), depth: 1, viaURLID: nil)
      _ = crawl.frontier.offer(offer, task: 2, now: crawl.now, sequence: crawl.sequence)
    }
    for _ in 1...9 {
      let entry = try #require(crawl.frontier.next(now: crawl.now))
      #expect(entry.taskID == 2)
      crawl.frontier.release(entry, FetchObservation(.ok), now: crawl.now)
    }
    #expect(crawl.next() == nil, "what answers them is no answer over the other way")
  }

  @Test(arguments: [true, false]) func isAskedAtOnceWhenAUserSaysSo(isUnblocked: Bool) throws {
    var crawl = crawl()
    for path in 1...9 { crawl.offer("http://a/\(path)") }
    let hostID = try goSilent(&crawl)
    nonisolated(unsafe) var isTold = false
    crawl.frontier.onEarlierStart = { isTold = true }
    if isUnblocked {
      crawl.frontier.unblock(hostID: hostID)
    } else {
      crawl.frontier.forgetFailures(hostID: hostID, task: 1)
    }
    #expect(isTold && crawl.next() != nil)
  }
}
