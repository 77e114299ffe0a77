package import Politeness
internal import WebURL

/// What is known of a host's robots.txt, in memory.
package enum RobotsState: Sendable {
  case unknown
  /// Its fetch is in flight; `tries` failed before.
  case fetching(tries: Int, deadline: Int64)
  /// Unreachable so far; tried again at `at` (loop time, µs), for the last time at or before `deadline`.
  case retrying(at: Int64, tries: Int, deadline: Int64)
  case known(RobotsRules, expires: Int64)
  /// 4xx: everything is allowed.
  case allowAll(expires: Int64)
  /// Given up, but it could be read before: what it said then holds (RFC 9309, section 2.4).
  case outdated(RobotsRules, expires: Int64)
  /// As `known`, or as `outdated`, but the text is in the host's row, to be read before a URL is judged by it.
  case inRow(expires: Int64, isOutdated: Bool)
  /// Given up, and never read before: URLs that obey robots have this fate until `expires`.
  case unreachable(RobotsFate, expires: Int64)
}

/// What becomes of the URLs of a host whose robots.txt can't be had.
package enum RobotsFate: Sendable {
  /// They fail: it may be there.
  case robotsUnreachable
  /// They are excluded: no address of the host may be connected to.
  case addressRefused
}

/// A host with its clock, its robots.txt and the queues of the tasks that have URLs on it.
final class Host {
  let id: Int64
  let scheme: String
  let name: String
  let port: Int
  @exclusivity(unchecked) var clock: HostClock
  /// What ordinary requests know of its robots.txt, and what those of other readers do.
  @exclusivity(unchecked) private var robots: RobotsState = .unknown
  private var otherRobots: [Int: RobotsState] = [:]
  /// Since when it has not answered, as far as that was found out when its robots.txt was to be fetched again; loop time.
  var silentSince: Int64?
  var ways = HostWays()
  /// It has answered since it came into memory, or its robots.txt was read before.
  @exclusivity(unchecked) var hasAnswered = false
  /// When a fetch found it silent for the first time since its last answer.
  @exclusivity(unchecked) var unheardSince: Int64?
  /// What was compared with its rules in the loop's turn at `time`.
  @exclusivity(unchecked) var robotsWork: (time: Int64, done: Int) = (.min, 0)
  /// What the last URL took of that.
  @exclusivity(unchecked) var lastRobotsWork = Int.max
  /// It waits for a later turn to have its URLs judged.
  var isToBeJudged = false
  /// It waits for its robots.txt to be read from its row, or that is being read.
  var isToBeRead = false
  /// What it said when it could be read last, to ordinary requests and to those of other readers.
  private var lastRead: ReadRobots?
  private var otherLastRules: [Int: RobotsRules] = [:]
  /// Bytes of its rules in memory, as they were counted last.
  private(set) var rulesBytes = 0
  /// It is among the hosts whose rules may be given up.
  var isListedWithRules = false
  /// URLs were compared with its rules since it was looked at for that last.
  @exclusivity(unchecked) var hasUsedRules = false
  @exclusivity(unchecked) var queues: [HostQueue] = []
  /// The turn of the queue that has started last; see `HostQueue.turn`.
  var virtualTime: UInt64 = 0
  /// Where it is in the heap that wakes it (`WaitingHosts`); nil when it is not in the heap.
  @exclusivity(unchecked) var waitingPlace: Int?
  @exclusivity(unchecked) var inFlight = 0
  var isListedIdle = false
  /// Its row has a delay of the throttle's.
  var hasStoredThrottle = false
  /// The IP address that its last fetch went to, or was to go to, when fetches per address are limited.
  var address: String?
  /// It is in that address's line.
  @exclusivity(unchecked) var isWaitingForAddress = false
  /// It was called out of that line.
  var calledTo: AddressPlace?
  /// Its robots.txt has come, and nothing was fetched since.
  var isAwaitingFirstPage = false
  /// The tasks that ask it aside (`Aside`), one for each such fetch.
  var visitors: [Int64] = []
  /// Those of them that wait for its time, in the order in which they have come.
  @exclusivity(unchecked) var line: [Aside] = []
  var nextVisitor: UInt64 = 0
  /// When the last of those should come that are too many; loop time.
  var laterTurn = Int64.min
  /// The last fetch that started was such a one.
  var visitorWasLast = false
  /// Where its robots.txt goes on for those of its readers for whom that is put off.
  var robotsRedirects: [Int: RobotsRedirect] = [:]
  /// Queues whose rows are being given the fate of a host without robots.txt; until that is done it stays as it is.
  var failing = 0

  init(id: Int64, scheme: String, name: String, port: Int, clock: HostClock) {
    self.id = id
    self.scheme = scheme
    self.name = name
    self.port = port
    self.clock = clock
  }

  /// The URL's origin in text, as `hosts` names it.
  var origin: String { "\(scheme)://\(name):\(port)" }

  var robotsURL: String { "\(origin)/robots.txt" }

  func queue(of taskID: Int64) -> HostQueue? { queues.first { $0.taskID == taskID } }

  /// What a reader of robots.txt knows of it; see `FrontierSettings.robotsReader`.
  subscript(robotsOf reader: Int) -> RobotsState {
    get { reader == 0 ? robots : otherRobots[reader] ?? .unknown }
    set {
      if reader == 0 { robots = newValue } else { otherRobots[reader] = newValue }
      switch newValue {
      case .known(let rules, _):
        silentSince = nil
        note(.rules(rules), of: reader)
      case .allowAll:
        silentSince = nil
        note(.rules(.allowAll), of: reader)
      case .unknown, .fetching, .retrying, .outdated, .inRow, .unreachable: break
      }
    }
  }

  /// Takes note of what it has said, now or before. Only what ordinary requests get is in its row.
  func note(_ read: ReadRobots, of reader: Int) {
    hasAnswered = true
    if reader == 0 { lastRead = read } else if case .rules(let rules) = read { otherLastRules[reader] = rules }
  }

  /// What its row has of its robots.txt, for which it has waited: nothing when it is nil.
  func takeFromRow(_ rules: RobotsRules?) {
    guard case .inRow(let expires, let isOutdated) = robots else { return }
    lastRead = rules.map { ReadRobots.rules($0) }
    guard let rules else {
      robots = .unknown
      return
    }
    robots = isOutdated ? .outdated(rules, expires: expires) : .known(rules, expires: expires)
  }

  /// Bytes up to which rules stay as long as their host: to find them again would cost more than they take.
  private static let slightRules = 1_024

  private static func isSlight(_ rules: RobotsRules) -> Bool { rules.byteCount <= slightRules }

  /// Counts its rules anew, but for slight ones. What a state has of rules are those that were read last.
  /// - Returns: how many bytes they have grown by.
  func countRules() -> Int {
    let before = rulesBytes
    rulesBytes = 0
    if case .rules(let rules) = lastRead, !Self.isSlight(rules) { rulesBytes = rules.byteCount }
    for rules in otherLastRules.values where !Self.isSlight(rules) { rulesBytes += rules.byteCount }
    return rulesBytes - before
  }

  /// Gives up all rules that count. Of what ordinary requests get its row has the text; others are to be fetched again.
  func giveUpRules() {
    if case .rules(let rules) = lastRead, !Self.isSlight(rules) {
      lastRead = .inRow(crawlDelay: rules.crawlDelay)
      switch robots {
      case .known(_, let expires): robots = .inRow(expires: expires, isOutdated: false)
      case .outdated(_, let expires): robots = .inRow(expires: expires, isOutdated: true)
      case .unknown, .fetching, .retrying, .allowAll, .inRow, .unreachable: break
      }
    }
    for (reader, rules) in otherLastRules where !Self.isSlight(rules) {
      otherLastRules[reader] = nil
      switch self[robotsOf: reader] {
      case .known, .outdated: otherRobots[reader] = nil
      case .unknown, .fetching, .retrying, .allowAll, .inRow, .unreachable: break
      }
    }
  }

  /// Forgets what it has said: it is no longer in memory.
  func forgetRules() {
    robots = .unknown
    otherRobots = [:]
    lastRead = nil
    otherLastRules = [:]
  }

  /// Takes note of what a fetch has shown, beside what its clock learns.
  func note(_ observation: FetchObservation, now: Int64) {
    ways.note(observation, now: now)
    switch observation.kind {
    case .ok, .postponed, .rateLimited, .serverError:
      silentSince = nil
      unheardSince = nil
      hasAnswered = true
    case .silent: if unheardSince == nil { unheardSince = now }
    case .networkError, .aborted: break
    }
  }

  /// What it said when it could be read last; nil when that is not known.
  func lastRead(of reader: Int) -> ReadRobots? {
    reader == 0 ? lastRead : otherLastRules[reader].map { ReadRobots.rules($0) }
  }

  /// Drops what readers know that no task is any more.
  func keepRobots(of readers: Set<Int>) {
    if !otherRobots.isEmpty { otherRobots = otherRobots.filter { readers.contains($0.key) } }
    if !otherLastRules.isEmpty { otherLastRules = otherLastRules.filter { readers.contains($0.key) } }
    if !robotsRedirects.isEmpty { robotsRedirects = robotsRedirects.filter { readers.contains($0.key) } }
  }

  /// Whether its robots.txt must be fetched before a URL that obeys it: when it is, not before which time.
  func robotsNeed(of reader: Int, now: Int64) -> Need {
    switch self[robotsOf: reader] {
    case .unknown: .fetch
    case .fetching: .wait
    case .retrying(let at, _, _): at <= now ? .fetch : .waitUntil(at)
    case .known(_, let expires), .allowAll(let expires), .outdated(_, let expires): expires <= now ? .fetch : .none
    case .inRow(let expires, _): expires <= now ? .fetch : isToBeRead ? .wait : .read
    case .unreachable: fateWithoutRobots(of: reader, now: now) == nil ? .fetch : .none
    }
  }

  /// What becomes of its URLs while its robots.txt counts as unreachable; nil when it does not.
  func fateWithoutRobots(of reader: Int, now: Int64) -> RobotsFate? {
    guard case .unreachable(let fate, let expires) = self[robotsOf: reader], expires > now || failing > 0 else {
      return nil
    }
    return fate
  }

  enum Need: Equatable {
    case none
    case fetch
    /// From the host's row.
    case read
    case wait
    case waitUntil(Int64)
  }

  /// The rules that it has; nil when there are none, or they are not in memory.
  func rules(of reader: Int) -> RobotsRules? {
    switch self[robotsOf: reader] {
    case .known(let rules, _), .outdated(let rules, _): rules
    case .allowAll, .inRow, .unreachable, .unknown, .fetching, .retrying: nil
    }
  }

  /// Those by which a URL is judged now: others are to be fetched or read before it is asked for.
  func rulesInForce(of reader: Int, now: Int64) -> RobotsRules? {
    switch self[robotsOf: reader] {
    case .known(let rules, let expires), .outdated(let rules, let expires): expires > now ? rules : nil
    case .allowAll, .inRow, .unreachable, .unknown, .fetching, .retrying: nil
    }
  }
}
