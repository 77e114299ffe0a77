// Politeness: when a host may be asked again, and what it allows to be asked for.
//
// Three values, each pure: `HostClock` (the next allowed fetch of one host: delay, slots, adaptive throttle,
// Retry-After), `RobotsRules` (one robots.txt, RFC 9309) and `RetryAfter` (the header field, RFC 9110).
// Invariants: `now` is always an argument, so nothing here reads a clock, waits, or touches the network or the disk;
// a start that would come too early traps in `HostClock.start` instead of reaching a server; whatever a server sends,
// reading it is linear in its length, never traps, and no wait that it asks for is longer than its named maximum.
//
// The room does not know tasks, queues or URLs to come: who shares a clock and whose settings win is Frontier's.

/// The clock of one host: the earliest time at which its next fetch may start.
///
/// The delay is from request to request, as the server sees them: a look-up of a name and a connection may take long, so a
/// fetch is started (`start`), sends its request (`send`) and ends (`finish`).
/// All times are microseconds on the loop's monotonic clock; all durations are microseconds.
package struct HostClock: Sendable {
  /// The longest delay that the adaptive throttle reaches by itself. A longer `delay` of the user's holds.
  package static let maximumThrottle: Int64 = 60_000_000
  /// The longest Retry-After that is obeyed.
  package static let maximumRetryAfter: Int64 = 3_600_000_000
  /// The longest Crawl-delay that is obeyed.
  package static let maximumCrawlDelay: Int64 = 60_000_000
  /// Where the throttle starts when a host without a delay answers 429 or 503.
  package static let firstThrottle: Int64 = 1_000_000
  /// Fetches in a row that found the host silent after which it is left alone for a while (a circuit breaker).
  package static let failuresOfOutage = 5
  /// How long it is left alone the first time, and then each time that it is still silent.
  package static let firstOutage: Int64 = 30_000_000
  package static let maximumOutage: Int64 = 60_000_000
  /// The longest block of a user's: a hundred years.
  package static let maximumBlock: Int64 = 3_155_760_000_000_000
  /// The longest delay that can be configured: a week.
  package static let maximumDelay: Int64 = 604_800_000_000

  /// The user's delay, from request to request.
  package private(set) var delay: Int64
  /// Fetches of this host that may be in flight at once; at least 1.
  package private(set) var concurrency: Int
  /// The Crawl-delay in force (clamped to `maximumCrawlDelay`); nil when robots.txt names none.
  package private(set) var crawlDelay: Int64?
  package private(set) var inFlight = 0
  /// The delay that the adaptive throttle asks for; 0 while it is at rest.
  package private(set) var throttleDelay: Int64

  /// What the host asked for. Kept apart from what a user said, who may take it back, and from an outage, which ends with
  /// the host's next answer.
  private var block: (until: Int64, reason: BlockReason)?
  private var userBlock: Int64?
  private var outage = CircuitBreaker()
  private var notBefore: Int64
  private var lastStart: Int64?
  /// An earlier daemon may have started a fetch as late as at this time.
  private var earlierStart: Int64?
  /// Fetches in flight whose requests are not sent yet. Requests are as far apart as starts only when a start comes behind
  /// the request before it.
  private var unsent = 0
  private var latency = LatencyTrend()
  /// Fetches that were in flight when the throttle last rose: their answers tell nothing new about the new pace.
  private var unsettled = 0

  /// A clock whose first fetch may start at `notBefore`, by default now. `throttleDelay` is a stored one.
  package init(delay: Int64, concurrency: Int, now: Int64, notBefore: Int64? = nil, throttleDelay: Int64 = 0) {
    self.delay = Self.clamped(delay, to: Self.maximumDelay)
    self.concurrency = max(1, concurrency)
    self.notBefore = notBefore ?? now
    self.throttleDelay = Self.clamped(throttleDelay, to: Self.maximumThrottle)
  }

  /// The settings in force from now on; the next start counts from the last one with the new delay.
  package mutating func configure(delay: Int64, concurrency: Int, crawlDelay: Int64?) {
    self.delay = Self.clamped(delay, to: Self.maximumDelay)
    self.concurrency = max(1, concurrency)
    self.crawlDelay = crawlDelay.map { Self.clamped($0, to: Self.maximumCrawlDelay) }
  }

  /// An earlier daemon may have started a fetch as late as at this time, before all of this clock: the first start counts from
  /// there.
  package mutating func noteEarlierStart(_ time: Int64) { earlierStart = time }

  /// It goes by that time still.
  package var goesByEarlierStart: Bool { lastStart == nil && earlierStart != nil }

  /// The larger of the user's delay and the Crawl-delay.
  package var baseDelay: Int64 { max(delay, crawlDelay ?? 0) }

  /// From request to request: the base delay, or what the throttle asks for when that is more.
  package var effectiveDelay: Int64 { max(baseDelay, throttleDelay) }

  /// The earliest start of the next fetch, which may have passed; nil while no slot is free, or it is not known because a
  /// request is still to be sent from which the delay counts.
  package func readyTime() -> Int64? {
    guard inFlight < slots, !awaitsRequest else { return nil }
    return earliestStart
  }

  private var awaitsRequest: Bool { unsent > 0 && effectiveDelay > 0 }

  /// A fetch starts. Traps when no slot is free or `now` is before `readyTime()`: that request would be impolite.
  package mutating func start(now: Int64) {
    guard let ready = readyTime() else {
      fatalError("a fetch was started on a host without a free slot (\(inFlight) of \(slots), \(unsent) not sent)")
    }
    guard now >= ready else { fatalError("a fetch was started \(ready - now) µs before the host's clock allows it") }
    inFlight += 1
    unsent += 1
    lastStart = now
  }

  /// The request of a fetch is about to be sent, `isAgain` when not for the first time: the delay counts from now on. False
  /// when it must not be, because the host or a user has asked meanwhile that it be left alone.
  package mutating func send(now: Int64, isAgain: Bool = false) -> Bool {
    if isLeftAlone(now: now) { return false }
    if !isAgain { unsent -= 1 }
    lastStart = max(lastStart ?? .min, now)
    return true
  }

  /// A fetch has ended, its bytes are in: the slot is free, and the throttle learns from what was seen. Of one that was not
  /// sent nobody knows how near it came to that: the delay counts from its start.
  /// Traps when none is in flight.
  package mutating func finish(now: Int64, observation: FetchObservation) {
    guard inFlight > 0 else { fatalError("a fetch was finished on a host that has none in flight") }
    inFlight -= 1
    let settling = unsettled > 0
    if settling { unsettled -= 1 }
    if !observation.isSent { unsent -= 1 }
    note(observation, now: now)
    switch observation.kind {
    case .ok, .postponed:
      let rising = observation.latency.map { latency.add($0) } ?? false
      if rising, baseDelay > 0 {
        if !settling { raiseThrottle(byQuarters: 1) }
      } else {
        lowerThrottle()
      }
      if case .postponed(let retryAfter) = observation.kind { obey(retryAfter, now: now) }
    case .rateLimited(let retryAfter):
      if !settling { raiseThrottle(byQuarters: 4, atLeast: Self.firstThrottle) }
      if let retryAfter { obey(retryAfter, now: now) }
    case .serverError:
      if !settling { raiseThrottle(byQuarters: 1) }
    case .networkError, .silent:
      if !settling { raiseThrottle(byQuarters: 2) }
    case .aborted:
      break
    }
  }

  private mutating func obey(_ retryAfter: Int64, now: Int64) {
    block(until: now + Self.clamped(retryAfter, to: Self.maximumRetryAfter), reason: .retryAfter)
  }

  /// Nothing starts before `until`. A user's block takes the place of the one before; of others the one that ends later
  /// stays. Users, the host itself and outages do not change what the others said.
  package mutating func block(until: Int64, reason: BlockReason) {
    switch reason {
    case .user: userBlock = until
    case .outage: outage.hold(until: until)
    case .retryAfter: if until > block?.until ?? .min { block = (until, reason) }
    }
  }

  /// Lifts the blocks, whatever their reasons. Delay and throttle stay.
  package mutating func unblock() {
    block = nil
    userBlock = nil
    outage.endHold()
  }

  /// Nothing starts before this time; nil when no block is in force (one that has passed may still be named).
  package var blockedUntil: Int64? { standing?.until }
  package var blockReason: BlockReason? { standing?.reason }

  /// Whether the host has asked to be left alone, or a user has; not that it is silent.
  package func isLeftAlone(now: Int64) -> Bool { max(block?.until ?? .min, userBlock ?? .min) > now }

  /// The block that ends last.
  private var standing: (until: Int64, reason: BlockReason)? {
    var last = block
    if let userBlock, userBlock > last?.until ?? .min { last = (userBlock, .user) }
    if let until = outage.until, until > last?.until ?? .min { last = (until, .outage) }
    return last
  }

  /// The block that must outlive a restart, if one is in force: what was asked for goes before what was only noticed. A
  /// user's is none of the clock's to keep: it holds for hosts that have no clock, too.
  package func lastingBlock(now: Int64) -> (until: Int64, reason: BlockReason)? {
    if let block, block.until > now { return block }
    return outage.until.flatMap { $0 > now ? ($0, .outage) : nil }
  }

  /// Whether a fetch has started since the clock was made: until then it goes by `notBefore` and `noteEarlierStart`.
  package var hasStarted: Bool { lastStart != nil }

  /// What keeps the next fetch of this host from starting now, for `why`. A block that ends before the pace does keeps it from
  /// nothing.
  package func wait(now: Int64) -> HostWait {
    let last = timedWait
    if case .blocked(let until, _) = last, until > now { return last }
    if inFlight >= slots { return .slots(inFlight: inFlight, concurrency: slots) }
    if awaitsRequest { return .request }
    return earliestStart > now ? last : .nothing
  }

  /// Of the pace and the block what lasts longer, whatever is in flight: its time is known, and may have passed.
  package var timedWait: HostWait {
    let paced = pacedTime
    if let standing, standing.until >= paced { return .blocked(until: standing.until, standing.reason) }
    if throttleDelay > baseDelay { return .throttle(until: paced) }
    return crawlDelay ?? 0 > delay ? .crawlDelay(until: paced) : .delay(until: paced)
  }

  private var slots: Int { outage.isTrying ? 1 : concurrency }

  /// Counts fetches that found the host silent, and leaves it alone after too many in a row. What a proxy does not reach, or
  /// refuses to, may be there for others.
  private mutating func note(_ observation: FetchObservation, now: Int64) {
    switch observation.kind {
    case .ok, .postponed, .rateLimited, .serverError: endOutage()
    case .silent: if observation.proxy == nil { outage.noteSilence(now: now) }
    case .networkError, .aborted: break
    }
  }

  /// The host has answered, or somebody wants to know now whether it does.
  package mutating func endOutage() {
    outage = CircuitBreaker()
  }

  /// The earliest start of the next fetch as far as the pace decides: whatever is in flight, and whatever blocks the host.
  package var pacedTime: Int64 { max((lastStart ?? earlierStart).map { $0 + effectiveDelay } ?? notBefore, notBefore) }

  private var earliestStart: Int64 { max(pacedTime, blockedUntil ?? .min) }

  /// Multiplies the delay by 1 + quarters / 4, up to the maximum.
  private mutating func raiseThrottle(byQuarters quarters: Int64, atLeast floor: Int64 = 0) {
    let current = effectiveDelay
    guard current < Self.maximumThrottle else { return }
    let raised = min(max(current + current / 4 * quarters, floor), Self.maximumThrottle)
    guard raised > current else { return }
    throttleDelay = raised
    unsettled = inFlight
  }

  /// An eighth less after each success; at rest again when the base delay is reached.
  private mutating func lowerThrottle() {
    guard throttleDelay > 0 else { return }
    throttleDelay -= throttleDelay / 8
    if throttleDelay <= max(baseDelay, 10_000) { throttleDelay = 0 }
  }

  private static func clamped(_ value: Int64, to maximum: Int64) -> Int64 { min(max(0, value), maximum) }
}
