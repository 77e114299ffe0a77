internal import WebURL

/// A task as its frontier sees it: settings, seen set, and the ring of its queues that could start a fetch now.
final class FrontierTask {
  let id: Int64
  @exclusivity(unchecked) var settings: FrontierSettings
  @exclusivity(unchecked) var scope: Scope
  /// All that makes the scope was admitted: until then only seeds, and where they redirect to, start.
  var scopeIsKnown = true
  /// Seeds came while it ran, or may have: what was out of its scope may be in it.
  var scopeHasGrown = false
  /// The settings changed since URLs were queued, or may have before the daemon's start, or some were queued before they were
  /// compared with all patterns: URLs are judged again when they come up.
  var mustJudgeAgain = false
  /// The loop's turn in which a URL was compared with its patterns last.
  var comparedAt: Int64 = .min
  @exclusivity(unchecked) var seen = SeenSet()
  /// All rows that existed when the task was loaded are in the seen set: offers may come.
  var seenIsComplete = false
  @exclusivity(unchecked) var isRunning = false
  @exclusivity(unchecked) var inFlight = 0
  /// Visits whose fetch has ended and that wait for the task's handlers.
  var waiting = 0
  /// Bytes that they hold.
  var waitingBytes = 0
  /// URLs given out whose outcome is not known yet: each may use up a page of the quota.
  var reserved = 0
  /// Queues whose host is startable, in the order in which they became so.
  @exclusivity(unchecked) var ring = Ring()
  /// Stride scheduling: the task with the smallest pass starts next.
  @exclusivity(unchecked) var pass: UInt64 = 0
  /// Fetches aside that wait for a place among those in flight.
  var heldAsides = 0
  /// The rate limit's next start (loop time, µs).
  var nextStart: Int64 = 0
  /// Its proxy was out of order: nothing starts before this loop time, and then one fetch at a time finds out how it is.
  /// Nil while all is well.
  var proxyOutageUntil: Int64?
  /// Hosts that it did not serve when it was last asked: while it is out of order others are asked before them.
  var unservedHosts: Set<Int64> = []
  /// Final answers that the page quota still has room for.
  var pagesLeft: Int?
  /// There are ready rows on hosts that are not in memory.
  var hasDormantHosts = false
  /// Not all of those that it had when it was loaded have been read once.
  var isTakingUp = false
  /// One of them was met since the scan began.
  var dormantAgain = false
  /// Where the scan for such hosts goes on; it has wrapped when it comes back to 0 with nothing found.
  var dormantCursor: Int64 = 0
  var isActivating = false
  /// There was no room for them: not looked for again before this loop time.
  var dormantRetryTime: Int64 = 0
  var hostBudgetUsed: [Int64: BudgetUse] = [:]
  var patternBudgetUsed: [UInt64: BudgetUse] = [:]
  /// That is being counted: until its end the figures are too small.
  var budgetCount: BudgetCount?
  var isCountingBudgets: Bool { budgetCount != nil }
  /// The sequence of the newest visit handed to the store, or of the one being built.
  var newestSequence: Int64 = 0

  /// At most this many distinct path patterns are counted per task; URLs of further patterns count as one.
  static let maxPatterns = 1 << 20

  init(id: Int64, settings: FrontierSettings) {
    self.id = id
    self.settings = settings
    scope = Scope(settings.scope, ignoresCase: settings.canonicalPolicy.lowercasesPath)
  }

  /// The key under which a URL's path pattern is counted.
  func patternKey(_ url: WebURL, hostID: Int64) -> UInt64 {
    let key = PathPattern.hash(url, host: hostID)
    return patternBudgetUsed[key] != nil || patternBudgetUsed.count < Self.maxPatterns ? key : 0
  }

  /// The queue whose turn it is. O(1), while the proxy is out of order O(queues).
  func takeTurn() -> HostQueue? {
    proxyOutageUntil == nil ? ring.popFirst() : ring.popFirst(before: unservedHosts)
  }

  /// What a URL of the task needs on a host beside the time of its clock: that it is no longer silent behind the task's proxy,
  /// and its robots.txt.
  func need(on host: Host, now: Int64) -> Host.Need {
    if let silence = host.ways.silence(behind: settings.proxy, now: now) { return .waitUntil(silence.until) }
    return settings.obeysRobots ? host.robotsNeed(of: settings.robotsReader, now: now) : .none
  }

  /// Larger for a smaller priority: how far a start moves the task's pass.
  var stride: UInt64 { 1_000_000 / UInt64(settings.priority + 1) }

  /// Nil when the task itself lets another fetch start, otherwise why not. A place that a fetch aside waits for counts as
  /// taken for all other fetches. Quotas and the rate do not hold up fetches aside: what they belong to has begun.
  func hold(now: Int64, maxInFlight: Int, isAside: Bool = false) -> Hold? {
    if !isRunning { return .stopped }
    if !isAside, let pagesLeft, pagesLeft <= reserved { return .pages }
    let taken = inFlight + (isAside ? 0 : heldAsides)
    if taken >= min(settings.maxInFlight ?? maxInFlight, maxInFlight) { return .inFlight }
    if let maxWaiting = settings.maxWaiting, inFlight + waiting >= maxWaiting { return .waiting }
    if let maxWaitingBytes = settings.maxWaitingBytes, waitingBytes >= maxWaitingBytes { return .waiting }
    if let proxyOutageUntil, proxyOutageUntil > now || inFlight > 0 { return .proxy(until: proxyOutageUntil) }
    if !isAside, nextStart > now { return .rate(until: nextStart) }
    return nil
  }

  /// A fetch starts: the next one is as much later as the rate says.
  func noteRate(now: Int64) {
    if let rate = settings.rate { nextStart = max(nextStart, now) + Int64(1_000_000 / rate) }
  }

  enum Hold {
    case stopped
    case pages
    case inFlight
    case waiting
    case proxy(until: Int64)
    case rate(until: Int64)

    /// When it ends by itself.
    var until: Int64? {
      switch self {
      case .stopped, .pages, .inFlight, .waiting: nil
      case .proxy(let until), .rate(let until): until
      }
    }
  }
}
