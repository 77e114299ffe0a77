import Frontier
import Politeness
import Testing
import WebURL

/// Hosts that are woken when their time has come.
@Suite struct WaitingHostsTests {
  @Test func theyWakeInOrderWhateverTheirTimesWereBefore() {
    var crawl = Crawl(Crawl.settings())
    let start = crawl.now
    var hosts: [(id: Int64, time: Int64)] = []
    for number in 0..<200 {
      let id = crawl.offer("http://h\(number)/").hostID!
      hosts.append((id, start + 1 + Int64(number * 7_919 % 1_009)))
      crawl.frontier.block(hostID: id, until: start + 10_000 - Int64(number))
    }
    #expect(crawl.next() == nil && crawl.frontier.waitingHosts == 200)
    for host in hosts { crawl.frontier.block(hostID: host.id, until: host.time) }
    #expect(crawl.frontier.waitingHosts == 200)
    var order: [Int64] = []
    while let time = crawl.frontier.nextReadyTime(now: crawl.now) {
      crawl.now = max(crawl.now, time)
      while let entry = crawl.next() {
        #expect(hosts.contains { $0.id == entry.hostID && $0.time == crawl.now })
        order.append(entry.hostID)
        crawl.done(entry)
      }
    }
    #expect(order == hosts.sorted { $0.time < $1.time }.map(\.id))
    #expect(crawl.frontier.waitingHosts == 0)
  }

  @Test func aHostThatIsBlockedAndUnblockedWaitsOnce() {
    var crawl = Crawl(Crawl.settings())
    for number in 1...20 {
      let hostID = crawl.offer("http://a/\(number)").hostID!
      crawl.frontier.block(hostID: hostID, until: crawl.now + Int64(number) * 1_000_000_000)
      #expect(crawl.next() == nil && crawl.frontier.waitingHosts == 1)
      crawl.frontier.unblock(hostID: hostID)
      #expect(crawl.frontier.waitingHosts == 1)
      #expect(crawl.drain() == ["/\(number)"])
      #expect(crawl.frontier.waitingHosts == 0)
    }
  }

  @Test func aHostThatGivesWayWaitsNoLonger() {
    var limits = FrontierLimits()
    limits.maxActiveHosts = 1
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true }, limits: limits)
    crawl.offer("http://a/1")
    let robots = crawl.next()!
    crawl.frontier.release(robots, FetchObservation(.ok), now: crawl.now)
    crawl.frontier.robotsFetched(hostID: robots.hostID, .postponed, now: crawl.now)
    #expect(crawl.frontier.waitingHosts == 1)
    crawl.frontier.removeTask(1, now: crawl.now)
    crawl.frontier.addTask(id: 2, settings: Crawl.settings())
    crawl.frontier.completeSeen(task: 2)
    crawl.frontier.setRunning(true, task: 2, now: crawl.now)
    let offer = Offer(url: WebURL("http://b/1")!, source: .seed, depth: 0, viaURLID: nil)
    #expect(crawl.frontier.offer(offer, task: 2, now: crawl.now, sequence: nil).isReady)
    #expect(crawl.frontier.hostStatuses(now: crawl.now).map(\.origin) == ["http://b:80"])
    #expect(crawl.frontier.waitingHosts == 0)
  }
}
