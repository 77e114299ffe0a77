import Frontier
import Politeness
import Testing
import WebURL

/// Which URLs are one, and in which spelling that one is visited.
@Suite struct SpellingTests {
  private static let drops = CanonicalPolicy(droppedParameters: ["sid"].compactMap(ParameterPattern.init))

  private func crawl(_ change: (inout FrontierSettings) -> Void = { _ in }) -> Crawl {
    Crawl(
      Crawl.settings {
        $0.canonicalPolicy = Self.drops
        change(&$0)
      })
  }

  private let rules = RobotsRules.parse(Array("User-agent: *\nDisallow: /*sid=\n".utf8), productToken: "crawld")

  @Test func thePolicyDecidesWhichURLsAreOne() throws {
    var crawl = crawl()
    let first = crawl.offer("http://a/x?sid=1")
    #expect(first.isReady)
    for same in ["http://a/x", "http://a/x?sid=2", "http://a/x?sid", "http://a/%78?sid=3#part"] {
      let result = crawl.offer(same)
      #expect(result.id == first.id && !result.isReady && result.fingerprint == first.fingerprint)
      #expect(try crawl.frontier.knownID(of: #require(WebURL(same)), task: 1) == first.id)
    }
    #expect(crawl.offer("http://a/x?id=1").id != first.id)
    #expect(crawl.next()?.url.href == "http://a/x?sid=1", "it is asked for as it was found first")

    var conservative = Crawl(Crawl.settings())
    #expect(conservative.offer("http://a/x?sid=1").isReady && conservative.offer("http://a/x").isReady)
  }

  @Test func anExcludedSpellingExcludesNoOther() {
    var crawl = crawl { $0.exclude = [Glob("**sid=*")] }
    let first = crawl.offer("http://a/x?sid=1")
    #expect(first.exclusion == .exclude)
    guard case .known = crawl.offer("http://a/x?sid=2").change else {
      Issue.record("the row keeps its first spelling and its reason")
      return
    }
    let plain = crawl.offer("http://a/x")
    #expect(plain.isReady && plain.id == first.id)
    #expect(!crawl.offer("http://a/x").isReady)
    #expect(crawl.next()?.url.href == "http://a/x")
  }

  @Test func aRowThatIsReadBackKnowsThatItMayBeRevived() {
    var crawl = crawl { $0.exclude = [Glob("**sid=*")] }
    let url = WebURL("http://a/x?sid=1")!
    let fingerprint = crawl.frontier.fingerprint(of: url, Self.drops)
    crawl.frontier.noteKnown(fingerprint, id: 70, standing: SeenSet.Standing(excludedFor: "exclude"), task: 1)
    let plain = crawl.offer("http://a/x")
    #expect(plain.isReady && plain.id == 70)

    var conservative = Crawl(Crawl.settings())
    let exact = conservative.frontier.fingerprint(of: url, .conservative)
    conservative.frontier.noteKnown(exact, id: 70, standing: SeenSet.Standing(excludedFor: "exclude"), task: 1)
    #expect(!conservative.offer("http://a/x?sid=1").isReady, "without rules there is no other spelling")
  }

  /// The URL that waits comes up, and robots.txt excludes it; that is not committed yet.
  private func excludeByRobots(in crawl: inout Crawl) -> ExcludedEntry {
    let robots = crawl.next()!
    crawl.frontier.release(robots, FetchObservation(.ok), now: crawl.now)
    crawl.frontier.robotsFetched(hostID: robots.hostID, .rules(rules), now: crawl.now)
    #expect(crawl.next() == nil)
    let excluded = crawl.frontier.takeExcluded()[0]
    crawl.sequence += 1
    crawl.frontier.finish(excluded.entry, sequence: crawl.sequence, isFinalAnswer: false, wasStarted: false)
    return excluded
  }

  @Test func aSpellingThatRobotsExcludedWhenItCameUpExcludesNoOther() {
    var crawl = crawl { $0.obeysRobots = true }
    let first = crawl.offer("http://a/x?sid=1")
    let excluded = excludeByRobots(in: &crawl)
    #expect(excluded.reason == .robots && excluded.entry.id == first.id)
    // Its row still says ready when the other spelling comes.
    let plain = crawl.offer("http://a/x", committed: false)
    #expect(plain.isReady && plain.id == first.id)
    #expect(crawl.next() == nil)
    crawl.frontier.committed(through: crawl.sequence)
    let again = crawl.next()!
    #expect(again.url.href == "http://a/x" && again.id == first.id)
    crawl.done(again)
    #expect(crawl.next() == nil && !crawl.offer("http://a/x?sid=9").isReady)
  }

  /// A scan of the rows may bring one that was read before the URL was excluded.
  @Test func aRowThatIsReadBackDoesNotUndoWhatWasDecidedMeanwhile() {
    var crawl = crawl { $0.obeysRobots = true }
    let first = crawl.offer("http://a/x?sid=1")
    let entry = excludeByRobots(in: &crawl).entry
    crawl.frontier.committed(through: crawl.sequence)
    let ready = SeenSet.Standing(excludedFor: nil)
    crawl.frontier.noteKnown(entry.fingerprint, id: first.id, standing: ready, task: 1)
    let plain = crawl.offer("http://a/x")
    #expect(plain.isReady && plain.id == first.id)
  }

  @Test func aSeedStaysOneInAnotherSpelling() {
    var crawl = crawl { $0.obeysRobots = true }
    let seed = crawl.offer("http://a/x?sid=1", depth: 0, source: .seed)
    _ = excludeByRobots(in: &crawl)
    crawl.frontier.committed(through: crawl.sequence)
    let plain = crawl.offer("http://a/x", depth: 3)
    #expect(plain.isReady && plain.id == seed.id && plain.depth == 0)
    #expect(crawl.next()?.depth == 0)

    var later = self.crawl { $0.obeysRobots = false }
    let standing = SeenSet.Standing(excludedFor: "robots", isSeed: true)
    let fingerprint = later.frontier.fingerprint(of: WebURL("http://a/x")!, Self.drops)
    later.frontier.noteKnown(fingerprint, id: 70, standing: standing, task: 1)
    #expect(later.offer("http://a/x", depth: 3).depth == 0, "also of a row that is read back")
  }

  @Test func whatIsExcludedWhenItComesUpUsesNoBudget() {
    var crawl = crawl {
      $0.obeysRobots = true
      $0.hostBudget = 1
      $0.patternBudget = 1
    }
    let first = crawl.offer("http://a/x?sid=1")
    let robots = crawl.next()!
    crawl.frontier.release(robots, FetchObservation(.ok), now: crawl.now)
    crawl.frontier.robotsFetched(hostID: robots.hostID, .rules(rules), now: crawl.now)
    #expect(crawl.offer("http://a/y").exclusion == .hostBudget && crawl.next() == nil)
    #expect(crawl.frontier.takeExcluded().map(\.reason) == [.robots])
    let plain = crawl.offer("http://a/x")
    #expect(plain.isReady && plain.id == first.id)
    #expect(crawl.offer("http://a/z").exclusion == .hostBudget)
  }

  @Test func aPrefixKnowsNoLetterCaseWhereTheTaskKnowsNone() {
    var crawl = Crawl(
      Crawl.settings {
        $0.scope = .prefix
        $0.canonicalPolicy = CanonicalPolicy(lowercasesPath: true)
      })
    crawl.frontier.admit(seed: WebURL("http://a/Docs/")!, task: 1)
    #expect(crawl.offer("http://a/docs/1").isReady && crawl.offer("http://a/DOCS/2").isReady)
    #expect(crawl.offer("http://a/doc/3").exclusion == .scope)
  }

  @Test func aRedirectToAnotherSpellingIsFollowedInTheSameRow() throws {
    var crawl = crawl()
    crawl.offer("http://a/x")
    let entry = crawl.next()!
    crawl.frontier.release(entry, FetchObservation(.ok), now: crawl.now)
    crawl.sequence += 1
    let target = try #require(WebURL("http://a/x?sid=1"))
    #expect(
      crawl.frontier.respell(entry, as: entry.url, hasNewCookies: false, now: crawl.now, sequence: crawl.sequence)
        == nil)
    #expect(
      try crawl.frontier.respell(
        entry, as: #require(WebURL("http://a/y")), hasNewCookies: true, now: crawl.now, sequence: crawl.sequence) == nil
    )
    let result = crawl.frontier.respell(
      entry, as: target, hasNewCookies: false, now: crawl.now, sequence: crawl.sequence)!
    #expect(result.isReady && result.id == entry.id && result.redirects == 1)
    crawl.frontier.finish(entry, sequence: crawl.sequence, isFinalAnswer: false)
    #expect(crawl.next() == nil, "not before the row says so")
    crawl.frontier.committed(through: crawl.sequence)
    let again = crawl.next()!
    #expect(again.url == target && again.id == entry.id && again.redirects == 1 && again.attempts == 0)
    #expect(again.key.priority == result.priority)
    crawl.done(again)
    #expect(crawl.next() == nil)
  }

  @Test func aRedirectToAnotherSpellingIsJudgedLikeAnyOther() throws {
    var crawl = crawl { $0.exclude = [Glob("**sid=2")] }
    crawl.offer("http://a/x", depth: 1)
    var entry = crawl.next()!
    func fate(_ text: String) throws -> ExclusionReason? {
      try crawl.frontier.respell(entry, as: #require(WebURL(text)), hasNewCookies: false, now: crawl.now, sequence: 9)?
        .exclusion
    }
    #expect(try fate("http://a/x?sid=1") == nil)
    #expect(try fate("http://a/x?sid=2") == .exclude)
    entry.redirects = crawl.frontier.limits.maxRedirects
    #expect(try fate("http://a/x?sid=1") == .redirectLimit)
  }
}
