import Frontier
import Politeness
import Testing
import WebURL

/// The limit of fetches in flight per IP address.
@Suite struct AddressTests {
  @Test func hostsOfOneAddressTakeTurns() {
    var limits = FrontierLimits()
    limits.perAddress = 1
    var crawl = Crawl(Crawl.settings(), limits: limits)
    for host in ["a", "b", "c"] { crawl.offer("http://\(host)/1") }
    var first = crawl.next()!
    var second = crawl.next()!
    #expect(first.url.hostName == "a" && second.url.hostName == "b", "nobody knows their addresses yet")
    #expect(crawl.frontier.mayConnect(first.hostID, to: "192.0.2.1", held: &first.address))
    #expect(crawl.frontier.mayConnect(first.hostID, to: "192.0.2.1", held: &first.address), "it has its place")
    #expect(!crawl.frontier.mayConnect(second.hostID, to: "192.0.2.1", held: &second.address))
    crawl.frontier.release(second, FetchObservation(.aborted), now: crawl.now)
    crawl.frontier.putBack(second, now: crawl.now)
    let third = crawl.next()!
    #expect(third.url.hostName == "c" && crawl.next() == nil, "b waits for a")
    #expect(crawl.frontier.blocking(task: 1, hostID: second.hostID, now: crawl.now)?.reason == .address)
    crawl.frontier.leave(&first.address)
    crawl.done(first)
    let again = crawl.next()
    #expect(again?.url.hostName == "b" && again?.address == "192.0.2.1", "it starts with its place taken")
  }

  /// The end of the fetch to that address would start nothing then. Nobody knows when both have happened.
  @Test func aHostThatIsBlockedIsNotSaidToWaitForItsAddress() {
    var limits = FrontierLimits()
    limits.perAddress = 1
    var crawl = Crawl(Crawl.settings(), limits: limits)
    for host in ["a", "b"] { crawl.offer("http://\(host)/1") }
    var first = crawl.next()!
    var second = crawl.next()!
    #expect(connects(&crawl, &first) && !connects(&crawl, &second) && crawl.next() == nil)
    func wait() -> Blocking? { crawl.frontier.blocking(task: 1, hostID: second.hostID, now: crawl.now) }
    #expect(wait()?.reason == .address)
    crawl.frontier.block(hostID: second.hostID, until: crawl.now + 60_000_000)
    #expect(wait()?.reason == .blockedByUser && wait()?.until == crawl.now + 60_000_000 && wait()?.untimedHosts == 1)
    end(&crawl, &first)
    #expect(crawl.next() == nil && wait()?.untimedHosts == 0, "the block is all that is left")
    crawl.frontier.unblock(hostID: second.hostID)
    #expect(crawl.next()?.url.hostName == "b")
  }

  @Test func whoHasWaitedForAnAddressComesBeforeItsLastUser() {
    var limits = FrontierLimits()
    limits.perAddress = 1
    var crawl = Crawl(Crawl.settings(), limits: limits)
    for host in ["a", "b"] { for page in 1...3 { crawl.offer("http://\(host)/\(page)") } }
    var order: [String] = []
    for _ in 0..<8 {
      guard var entry = crawl.next() else { break }
      if !crawl.frontier.mayConnect(entry.hostID, to: "192.0.2.1", held: &entry.address) {
        Issue.record("one fetch at a time never finds the address full")
      }
      order.append((entry.url.hostName ?? "") + entry.url.path)
      // The other one comes up meanwhile, and waits.
      #expect(order.count == 1 || crawl.next() == nil)
      if order.count == 1, var other = crawl.next() {
        #expect(!crawl.frontier.mayConnect(other.hostID, to: "192.0.2.1", held: &other.address))
        crawl.frontier.release(other, FetchObservation(.aborted), now: crawl.now)
        crawl.frontier.putBack(other, now: crawl.now)
        #expect(crawl.next() == nil)
      }
      crawl.frontier.leave(&entry.address)
      crawl.done(entry)
    }
    #expect(order == ["a/1", "b/1", "a/2", "b/2", "a/3", "b/3"])
  }

  /// Connects to the only address; when that is full, the entry goes back into its queue.
  private func connects(_ crawl: inout Crawl, _ entry: inout FrontierEntry) -> Bool {
    if crawl.frontier.mayConnect(entry.hostID, to: "192.0.2.1", held: &entry.address) { return true }
    crawl.frontier.release(entry, FetchObservation(.aborted), now: crawl.now)
    crawl.frontier.putBack(entry, now: crawl.now)
    return false
  }

  private func end(_ crawl: inout Crawl, _ entry: inout FrontierEntry) {
    crawl.frontier.leave(&entry.address)
    crawl.done(entry)
  }

  @Test func oneThatWasCalledHoldsItsPlaceAlsoWhenNobodyElseWaits() {
    var limits = FrontierLimits()
    limits.perAddress = 1
    var crawl = Crawl(Crawl.settings { $0.delay = 1_000_000 }, limits: limits)
    for host in ["a", "b"] { for page in 1...2 { crawl.offer("http://\(host)/\(page)") } }
    var first = crawl.next()!
    var second = crawl.next()!
    #expect(connects(&crawl, &first))
    #expect(!connects(&crawl, &second))
    crawl.now += 1_000_000
    #expect(crawl.next() == nil, "b waits")
    end(&crawl, &first)
    let called = crawl.next()!
    #expect(called.url.hostName == "b" && called.address == "192.0.2.1")
    crawl.now += 1_000_000
    #expect(crawl.next() == nil, "a is ready, and b holds the only place")
  }

  @Test func aHostWhoseTaskIsHeldGivesItsTurnToAnother() {
    var limits = FrontierLimits()
    limits.perAddress = 1
    var crawl = Crawl(Crawl.settings { $0.rate = 0.001 }, limits: limits)
    crawl.frontier.addTask(id: 2, settings: Crawl.settings())
    crawl.frontier.completeSeen(task: 2)
    crawl.frontier.setRunning(true, task: 2, now: crawl.now)
    for host in ["a", "b"] { crawl.offer("http://\(host)/1") }
    var first = crawl.next()!
    #expect(connects(&crawl, &first))
    crawl.now += 1_000_000_000
    var second = crawl.next()!
    #expect(second.url.hostName == "b" && !connects(&crawl, &second), "it is in line, and its task may start nothing")
    let offer = Offer(url: WebURL("http://c/1")!, source: .seed, depth: 0, viaURLID: nil)
    _ = crawl.frontier.offer(offer, task: 2, now: crawl.now, sequence: nil)
    var third = crawl.next()!
    #expect(third.url.hostName == "c" && !connects(&crawl, &third))
    #expect(crawl.next() == nil)
    end(&crawl, &first)
    #expect(crawl.next()?.url.hostName == "c")
  }

  @Test func aPausedTaskGivesUpItsTurnAtAnAddress() {
    var limits = FrontierLimits()
    limits.perAddress = 1
    var crawl = Crawl(Crawl.settings(), limits: limits)
    for host in ["a", "b"] { for page in 1...2 { crawl.offer("http://\(host)/\(page)") } }
    var first = crawl.next()!
    var second = crawl.next()!
    #expect(connects(&crawl, &first) && !connects(&crawl, &second))
    #expect(crawl.next() == nil)
    crawl.offer("http://c/1")
    end(&crawl, &first)
    let other = crawl.next()!
    #expect(other.url.hostName == "c", "b was called, and is behind c")
    crawl.frontier.setRunning(false, task: 1, now: crawl.now)
    #expect(crawl.next() == nil)
    crawl.frontier.setRunning(true, task: 1, now: crawl.now)
    #expect(crawl.next() != nil && crawl.next() == nil, "one of the two, and no place is lost")
  }
}
