package import Politeness
internal import WebURL

// What the frontier knows of the robots.txt of its hosts, and does by it.
extension Frontier {
  package enum RobotsFetch: Sendable {
    case rules(RobotsRules)
    case allowAll
    /// 5xx, 429, or no answer. `isFinal`: trying again can't help (the name does not exist).
    /// `isSilent`: nothing has answered.
    case unreachable(isFinal: Bool, isSilent: Bool = false)
    /// The address guard refused every address of the host.
    case addressRefused
    /// It says nothing about the host: tried again after a while, as often as need be.
    case postponed
    /// It goes on elsewhere, later.
    case redirected(RobotsRedirect)
  }

  /// What a reader's fetch of a host's robots.txt gave. Returns true when it was given up: the URLs that wait for it
  /// fail.
  @discardableResult
  package func robotsFetched(hostID: Int64, _ fetch: RobotsFetch, reader: Int = 0, now: Int64) -> Bool {
    guard let host = hosts[hostID] else { return false }
    var gaveUp = false
    switch fetch {
    case .rules(let rules): host[robotsOf: reader] = .known(rules, expires: now + limits.robotsLifetime)
    case .allowAll: host[robotsOf: reader] = .allowAll(expires: now + limits.robotsLifetime)
    case .addressRefused:
      gaveUp = true
      fail(host, .addressRefused, reader: reader, now: now)
    case .postponed:
      guard case .fetching(let tries, _) = host[robotsOf: reader] else { return false }
      let next = now + min(Self.postponement, limits.robotsWindow / 4)
      host[robotsOf: reader] = .retrying(at: next, tries: tries, deadline: next + limits.robotsWindow)
    case .redirected(let redirect):
      guard case .fetching(let tries, _) = host[robotsOf: reader] else { return false }
      host.robotsRedirects[reader] = redirect
      let deadline = redirect.due + limits.robotsWindow
      host[robotsOf: reader] = .retrying(at: redirect.due, tries: tries, deadline: deadline)
    case .unreachable(let isFinal, let isSilent):
      guard case .fetching(let tries, let deadline) = host[robotsOf: reader] else { return false }
      // Twice as long after each try: together about half of the window, the rest is for the tries' own time.
      let wait = limits.robotsWindow / Int64(1 << max(1, limits.robotsTries - tries))
      // A host that asked for time gets it; one that is silent does not get more than the window.
      let silentUntil = host.clock.blockReason == .outage ? host.clock.blockedUntil ?? 0 : 0
      let next = max(now + wait, silentUntil)
      if isFinal || tries + 1 >= limits.robotsTries || next > deadline {
        gaveUp = giveUp(host, reader: reader, isFinal: isFinal, isSilent: isSilent, now: now)
      } else {
        host[robotsOf: reader] = .retrying(at: now + wait, tries: tries + 1, deadline: deadline)
      }
    }
    noteRules(of: host)
    host.isAwaitingFirstPage = host.robotsNeed(of: reader, now: now) == .none
    configureClock(host)
    schedule(host, now: now)
    return gaveUp
  }

  private static let postponement: Int64 = 5_000_000

  /// How long an unreachable robots.txt is not asked for again; a new task asks at once.
  private static let unreachableLifetime: Int64 = 300_000_000

  /// The tries to read the file have failed. What it said when it was read last holds on as long as the host answers
  /// anything; of a host that is silent, for the time that such files are kept (`robotsLifetime`). It is asked for again
  /// meanwhile. When it was never read, or the name no longer exists, the URLs that wait for it fail.
  private func giveUp(_ host: Host, reader: Int, isFinal: Bool, isSilent: Bool, now: Int64) -> Bool {
    host.silentSince = isSilent ? host.silentSince ?? now : nil
    let isGone = isSilent && (isFinal || now - (host.silentSince ?? now) >= limits.robotsLifetime)
    guard let last = host.lastRead(of: reader), !isGone else {
      fail(host, .robotsUnreachable, reader: reader, now: now)
      return true
    }
    host[robotsOf: reader] = last.outdated(expires: now + Self.unreachableLifetime)
    return false
  }

  private func fail(_ host: Host, _ fate: RobotsFate, reader: Int, now: Int64) {
    host[robotsOf: reader] = .unreachable(fate, expires: now + Self.unreachableLifetime)
    for queue in host.queues where queue.task.settings.obeysRobots && queue.task.settings.robotsReader == reader {
      fail(queue, fate)
    }
  }

  /// Whether a host's robots.txt was read by this reader, at any time.
  package func hasReadRobots(hostID: Int64, reader: Int) -> Bool { hosts[hostID]?.lastRead(of: reader) != nil }

  /// The Sitemap lines of the host's robots.txt, as its reader got them; nil when it is not in memory.
  package func sitemapLines(hostID: Int64, reader: Int = 0) -> [String]? {
    hosts[hostID]?.rules(of: reader)?.sitemaps
  }

  // MARK: Before a fetch

  func robotsEntry(_ host: Host, task: FrontierTask, after first: FrontierEntry, now: Int64) -> FrontierEntry {
    guard let url = WebURL(host.robotsURL) else { fatalError("an origin gives a URL: \(host.origin)") }
    let reader = task.settings.robotsReader
    if case .retrying(_, let tries, let deadline) = host[robotsOf: reader] {
      host[robotsOf: reader] = .fetching(tries: tries, deadline: deadline)
    } else {
      host[robotsOf: reader] = .fetching(tries: 0, deadline: now + limits.robotsWindow)
    }
    return FrontierEntry(kind: .robots, key: .first, taskID: task.id, hostID: host.id, url: url)
  }

  /// Whether the host's robots.txt was given up: then what waits there is not visited, however it came into the head.
  func failsForRobots(_ queue: HostQueue, now: Int64) -> Bool {
    let settings = queue.task.settings
    guard settings.obeysRobots, let fate = queue.host.fateWithoutRobots(of: settings.robotsReader, now: now) else {
      return false
    }
    fail(queue, fate)
    return true
  }

  /// Bytes of rules that are compared with URLs before the loop has its turn, about ten milliseconds: a page may have ten
  /// thousand links, and each may take `RobotsRules.maximumWork`.
  private static let robotsWorkPerTurn = 5_000_000
  /// Of one host.
  private static let robotsWorkOfHost = 1_000_000
  /// A host whose last URL took less than this is judged on when the others have used up the turn.
  private static let slightRobotsWork = 20_000

  /// What the host's robots.txt says of a URL, if it is known and heeded. Nil when enough was compared in this turn of
  /// the loop (`now` is still the same): ask again in a later turn. A URL that is queued meanwhile is judged when it
  /// comes up.
  func robotsAllow(_ url: WebURL, _ host: Host?, _ task: FrontierTask, now: Int64) -> Bool? {
    guard task.settings.obeysRobots, let host,
      let rules = host.rulesInForce(of: task.settings.robotsReader, now: now)
    else { return true }
    if robotsWork.time != now { robotsWork = (now, 0) }
    if host.robotsWork.time != now { host.robotsWork = (now, 0) }
    let isSlight = host.lastRobotsWork < Self.slightRobotsWork
    guard isSlight || robotsWork.done < Self.robotsWorkPerTurn else { return nil }
    guard host.robotsWork.done < Self.robotsWorkOfHost else { return nil }
    var work = 0
    let allows = url.withPathAndQuery { rules.allows($0, work: &work) }
    host.lastRobotsWork = work
    host.robotsWork.done += work
    host.hasUsedRules = true
    robotsWork.done += work
    return allows
  }

  func waitForJudging(_ host: Host) {
    if host.isToBeJudged { return }
    host.isToBeJudged = true
    hostsToJudge.append(host)
  }

  /// Calls the hosts whose URLs are to be judged, once in each of the loop's turns.
  func beginJudging(now: Int64) {
    if hostsToJudge.isEmpty || judgingTurn == now { return }
    judgingTurn = now
    for _ in 0..<hostsToJudge.count {
      guard let host = hostsToJudge.popFirst() else { return }
      host.isToBeJudged = false
      schedule(host, now: now)
    }
  }

  // MARK: Given up

  /// What waits in the queue gets the fate of a host without robots.txt; `failuresDue` hands it out.
  func fail(_ queue: HostQueue, _ fate: RobotsFate) {
    queue.removeAll()
    if queue.fate != nil { return }
    queue.fate = fate
    queue.host.failing += 1
    queuesToFail.append(queue)
  }

  /// A user wants to know now whether the host answers: its outage, and that its robots.txt was given up, are forgotten.
  package func forgetFailures(hostID: Int64, task taskID: Int64) {
    guard let host = hosts[hostID], let task = tasks[taskID] else { return }
    forgetFailures(host, reader: task.settings.robotsReader)
  }

  func forgetFailures(_ host: Host, reader: Int) {
    forgetWays(host)
    changeClock(of: host) { $0.endOutage() }
    if case .unreachable = host[robotsOf: reader], host.failing == 0 { host[robotsOf: reader] = .unknown }
  }

  /// Task and host pairs whose ready rows are to be given this fate now: nothing of them is in flight.
  package func failuresDue() -> [(taskID: Int64, hostID: Int64, fate: RobotsFate)] {
    guard !queuesToFail.isEmpty else { return [] }
    var due: [(taskID: Int64, hostID: Int64, fate: RobotsFate)] = []
    queuesToFail.removeAll { queue in
      guard queue.uncommitted.isEmpty, !queue.isRefilling else { return false }
      queue.removeAll()
      guard let fate = queue.fate else { fatalError("a queue of host \(queue.host.id) is to fail for no reason") }
      queue.fate = nil
      due.append((queue.taskID, queue.host.id, fate))
      retire(queue)
      return true
    }
    return due
  }

  /// The rows that `failuresDue` named have their fate.
  package func endFailure(hostID: Int64, now: Int64) {
    guard let host = hosts[hostID] else { return }
    host.failing -= 1
    schedule(host, now: now)
  }
}

extension RobotsState {
  /// One word for tables.
  package var word: String {
    switch self {
    case .unknown: "unknown"
    case .fetching: "fetching"
    case .retrying: "retrying"
    case .known: "known"
    case .allowAll: "none"
    case .outdated: Self.outdatedWord
    case .inRow(_, let isOutdated): isOutdated ? Self.outdatedWord : "known"
    case .unreachable: Self.unreachableWord
    }
  }

  package static let unreachableWord = "unreachable"
  package static let outdatedWord = "outdated"
}
