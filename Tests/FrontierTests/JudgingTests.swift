import Frontier
import Testing
import WebURL

/// What it may cost to compare URLs with the patterns of a task.
@Suite struct JudgingTests {
  /// The same as when it comes up.
  @Test func whatIsToBecomeOfAURLThatWaitsIsKnown() {
    var crawl = Crawl(Crawl.settings())
    let id = crawl.offer("http://a/private").id
    let key = QueuePlace(priority: FrontierEntry.ordinaryPriority, depth: 1, id: id)
    let entry = FrontierEntry(key: key, taskID: 1, hostID: 1, url: WebURL("http://a/private")!)
    #expect(crawl.frontier.exclusionNow(of: entry, now: crawl.now) == nil)
    crawl.frontier.update(Crawl.settings { $0.maxDepth = 0 }, task: 1, now: crawl.now)
    #expect(crawl.frontier.exclusionNow(of: entry, now: crawl.now) == .depth)
    #expect(crawl.next() == nil && crawl.frontier.takeExcluded().count == 1)
  }

  /// Each of the texts is looked for in turn, and each is found.
  private static let slow = Array(repeating: Glob(String(repeating: "**a", count: 600) + "ab**"), count: 256)
  /// Lacks nothing that the patterns have but the order of it.
  private static func slowURL(_ number: Int) -> String {
    "http://h/ab" + String(repeating: "a", count: 1_900) + "/\(number)"
  }

  /// Visits and excludes what may be within one turn of the loop, and gives the paths of what is visited.
  private func visits(_ crawl: inout Crawl) -> (paths: [String], excluded: Int) {
    let paths = crawl.drain()
    let excluded = crawl.frontier.takeExcluded()
    for entry in excluded.map(\.entry) {
      crawl.sequence += 1
      crawl.ready.remove(entry.id)
      crawl.frontier.finish(entry, sequence: crawl.sequence, isFinalAnswer: false, wasStarted: false)
      crawl.frontier.committed(through: crawl.sequence)
    }
    return (paths, excluded.count)
  }

  @Test func whatIsBeyondTheBoundOfATurnIsJudgedWhenItComesUp() throws {
    var crawl = Crawl(
      Crawl.settings {
        $0.exclude = Self.slow + [Glob("**/ab**")]
        $0.maxDepth = 1
      })
    let offered = (0..<60).map { crawl.offer(Self.slowURL($0)) }
    let atOnce = offered.count { $0.change.isExclusion(.exclude) }
    #expect((1..<60).contains(atOnce), "one turn compares a part")
    #expect(offered.count { $0.change.isReady } == 60 - atOnce)
    crawl.offer("http://h/wanted")
    #expect(crawl.offer("http://h/deeper", depth: 2).change.isExclusion(.depth), "rules that cost nothing hold at once")
    // What is left is judged turn by turn, and none of it is visited.
    var (paths, excluded, turns): ([String], Int, Int) = ([], 0, 0)
    while true {
      let turn = visits(&crawl)
      #expect(turn.excluded < 60 - atOnce)
      paths += turn.paths
      excluded += turn.excluded
      guard let next = crawl.frontier.nextReadyTime(now: crawl.now) else { break }
      crawl.now = next
      turns += 1
    }
    #expect(paths == ["/wanted"])
    #expect(excluded == 60 - atOnce && turns > 1)
    #expect(crawl.ready.isEmpty)
  }

  @Test(arguments: [[], [Glob("**/other")]])
  func othersDoNotWaitForWhatOneTaskCompares(patterns: [Glob]) {
    var crawl = Crawl(Crawl.settings { $0.exclude = Self.slow })
    let frontier = crawl.frontier
    frontier.addTask(id: 2, settings: Crawl.settings { $0.exclude = patterns }, isRestored: true)
    frontier.completeSeen(task: 2)
    frontier.completeScope(task: 2, now: crawl.now)
    let source = Offer.Source.link(followed: true, nofollow: false)
    let offer = Offer(url: WebURL("http://quick/")!, source: source, depth: 1, viaURLID: nil)
    #expect(frontier.offer(offer, task: 2, now: crawl.now, sequence: nil).isReady)
    crawl.now += 1
    for number in 0..<60 { crawl.offer(Self.slowURL(number)) }
    frontier.setRunning(true, task: 2, now: crawl.now)
    #expect(!frontier.mayCompare(now: crawl.now))
    var started: [String?] = []
    while let entry = crawl.next() { started.append(entry.url.hostName) }
    #expect(started == ["quick"])
  }

  @Test func aTaskThatIncludesComparesNoMoreEither() {
    var crawl = Crawl(Crawl.settings { $0.include = Self.slow + [Glob("**/wanted")] })
    let offered = (0..<60).map { crawl.offer(Self.slowURL($0)) }
    #expect((1..<60).contains(offered.count { $0.change.isExclusion(.include) }))
    crawl.offer("http://h/wanted")
    crawl.now += 1
    var paths: [String] = []
    repeat {
      crawl.now += 1
      paths += visits(&crawl).paths
    } while crawl.frontier.nextReadyTime(now: crawl.now) != nil
    #expect(paths == ["/wanted"])
  }

  /// To let it in and exclude it again would be told as a change of the rules.
  @Test func whatWasExcludedIsNotLetInUnjudged() {
    var crawl = Crawl(Crawl.settings { $0.exclude = Self.slow + [Glob("**/ab**")] })
    let url = Self.slowURL(0)
    #expect(crawl.offer(url).change.isExclusion(.exclude))
    while crawl.frontier.mayCompare(now: crawl.now) { crawl.offer(Self.slowURL(Int(crawl.sequence))) }
    guard case .known = crawl.offer(url, excludedFor: .exclude).change else {
      Issue.record("it is excluded for the same reason")
      return
    }
  }
}

extension OfferResult.Change {
  fileprivate func isExclusion(_ reason: ExclusionReason) -> Bool {
    if case .discovered(.excluded(let given)) = self { given == reason } else { false }
  }

  fileprivate var isReady: Bool {
    if case .discovered(.ready) = self { true } else { false }
  }
}
