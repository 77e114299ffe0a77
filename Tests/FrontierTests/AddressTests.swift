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

  @Test func aPausedTaskGivesUpItsTurnAtAnAddress() {
    var limits = FrontierLimits()
    limits.perAddress = 1
    var crawl = Crawl(Crawl.settings(), limits: limits)
    for host in ["a", "b"] { for page in 1...2 { crawl.offer("http://\(host)/\(page)") } }
    var first = crawl.next()!
    var second = crawl.next()!
    _ = crawl.frontier.mayConnect(first.hostID, to: "192.0.2.1", held: &first.address)
    #expect(!crawl.frontier.mayConnect(second.hostID, to: "192.0.2.1", held: &second.address))
    crawl.frontier.release(second, FetchObservation(.aborted), now: crawl.now)
    crawl.frontier.putBack(second, now: crawl.now)
    #expect(crawl.next() == nil)
    crawl.frontier.setRunning(false, task: 1, now: crawl.now)
    crawl.frontier.leave(&first.address)
    crawl.done(first)
    #expect(crawl.next() == nil)
    crawl.frontier.setRunning(true, task: 1, now: crawl.now)
    #expect(crawl.next() != nil && crawl.next() == nil, "one of the two, and no place is lost")
  }
}
