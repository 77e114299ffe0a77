import Frontier
import Politeness
import Testing
import WebURL

/// When a host is asked, and when no more.
@Suite struct PaceTests {
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
}
