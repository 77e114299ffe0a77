import Frontier
import Politeness
import Testing
import WebURL

/// Tasks that have URLs on one host, whose clock they share.
@Suite struct SharingTests {
  /// A crawl whose first task has a fast host to itself, and so moves on with each start.
  private func busyCrawl() -> Crawl {
    var crawl = Crawl(Crawl.settings())
    for number in 1...1_000 { crawl.offer("http://busy/\(number)") }
    return crawl
  }

  private func add(_ id: Int64, priority: Int = 5, urls: Int, to crawl: Crawl) {
    crawl.frontier.addTask(
      id: id,
      settings: Crawl.settings {
        $0.delay = 1_000_000
        $0.priority = priority
      })
    crawl.frontier.completeSeen(task: id)
    crawl.frontier.setRunning(true, task: id, now: crawl.now)
    for number in 0..<urls { offer(number, task: id, to: crawl) }
  }

  private func offer(_ number: Int, task: Int64, to crawl: Crawl) {
    let url = WebURL("http://slow/\(task)/\(number)")!
    _ = crawl.frontier.offer(
      Offer(url: url, source: .seed, depth: 0, viaURLID: nil), task: task, now: crawl.now, sequence: nil)
  }

  /// The tasks that started on the slow host in so many seconds, of which each has room for six starts.
  private func starters(
    _ crawl: inout Crawl, seconds: Int, onStart: (FrontierEntry, Crawl) -> Void = { _, _ in }
  ) -> [Int64] {
    var starters: [Int64] = []
    for _ in 0..<seconds {
      for _ in 0..<6 {
        guard let entry = crawl.next() else { break }
        crawl.done(entry)
        if entry.url.hostName == "slow" {
          starters.append(entry.taskID)
          onStart(entry, crawl)
        }
      }
      crawl.now += 1_000_000
    }
    return starters
  }

  @Test func tasksOnASlowHostTakeTurnsBesideABusyOne() {
    var crawl = busyCrawl()
    for task in 2...4 as ClosedRange<Int64> { add(task, urls: 10, to: crawl) }
    #expect(starters(&crawl, seconds: 12) == [2, 3, 4, 2, 3, 4, 2, 3, 4, 2, 3, 4])
  }

  @Test func sharesOfASlowHostAreByPriority() {
    var crawl = busyCrawl()
    add(2, priority: 9, urls: 30, to: crawl)
    add(3, priority: 4, urls: 30, to: crawl)
    let starters = starters(&crawl, seconds: 30)
    #expect(starters.count { $0 == 2 } == 20 && starters.count { $0 == 3 } == 10)
  }

  /// Its queue goes with each URL, and comes with the next.
  @Test func aTaskThatHasOneURLAtATimeDoesNotComeFirstEachTime() {
    var crawl = busyCrawl()
    add(2, urls: 10, to: crawl)
    add(3, urls: 1, to: crawl)
    var next = 1
    let starters = starters(&crawl, seconds: 8) { entry, crawl in
      guard entry.taskID == 3 else { return }
      offer(next, task: 3, to: crawl)
      next += 1
    }
    #expect(starters == [2, 3, 2, 3, 2, 3, 2, 3])
  }

  /// One that is paused, or has nothing left there, slows nobody down any more.
  @Test(arguments: [true, false]) func aDelayEndsWithTheTaskWhoseItIs(isPaused: Bool) {
    var crawl = Crawl(Crawl.settings { $0.delay = 1_000 })
    for number in 1...3 { crawl.offer("http://slow/\(number)") }
    add(2, urls: isPaused ? 2 : 1, to: crawl)
    crawl.done(crawl.next()!)
    crawl.now += 1_000_000
    let entry = crawl.next()!
    #expect(entry.taskID == 2)
    nonisolated(unsafe) var isTold = false
    crawl.frontier.onEarlierStart = { isTold = true }
    crawl.done(entry)
    if isPaused {
      #expect(!isTold && crawl.frontier.nextReadyTime(now: crawl.now) == crawl.now + 1_000_000)
      crawl.frontier.setRunning(false, task: 2, now: crawl.now)
    }
    #expect(isTold && crawl.frontier.nextReadyTime(now: crawl.now) == crawl.now + 1_000)
  }

  /// Whoever may start nothing himself holds nobody up.
  @Test func theTurnOfAHeldTaskIsAnothers() {
    var crawl = busyCrawl()
    add(2, urls: 10, to: crawl)
    add(3, urls: 10, to: crawl)
    crawl.frontier.noteProxyOutage(until: crawl.now + 3_500_000, task: 2)
    let starters = starters(&crawl, seconds: 12)
    #expect(starters.prefix(4).allSatisfy { $0 == 3 })
    // What it has missed is not made up for.
    #expect((4...5).contains(starters.dropFirst(4).count { $0 == 2 }), "\(starters)")
  }
}
