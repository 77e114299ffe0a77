internal import EventLoop
internal import Frontier
internal import Logging
internal import Politeness
internal import Store
internal import WebURL

// The resident coroutines that bring rows to the frontier, and what commits tell it.
extension Crawler {
  func committed(through sequence: Int64) {
    committedSequence = sequence
    frontier.committed(through: sequence)
    announceCommitted(through: sequence)
    failUnreachable()
    needsPump()
  }

  func storeFailureChanged() {
    if let failure = store.failure {
      logger.error("commits fail, fetching stops until they succeed: \(failure.sentence)")
      announce(.daemon("commits fail, fetching stops until they succeed: \(failure.sentence)"))
    } else {
      logger.notice("commits succeed again")
      announce(.daemon("commits succeed again"))
      settlingSignal.set()
      needsPump()
    }
  }

  func shortageChanged() {
    if let shortage = store.shortage {
      let sentence = BackPressure.space(free: shortage.free, enough: shortage.enough).sentence
      logger.error("fetching stops: \(sentence)")
      announce(.daemon("fetching stops: \(sentence)"))
    } else {
      logger.notice("there is room for the database again, fetching goes on")
      announce(.daemon("there is room for the database again, fetching goes on"))
      needsPump()
    }
  }

  func longReaderChanged() {
    if let reader = store.longReader {
      let sentence = reader.sentence(now: loop.now, walBytes: store.walBytes, limit: configuration.maxLogBytes)
      logger.warning("\(sentence)")
      announce(.daemon(sentence))
    } else {
      logger.notice("no long reader keeps the write-ahead log from starting anew any more")
      announce(.daemon("no long reader keeps the write-ahead log from starting anew any more"))
    }
  }

  /// Reads heads and hosts for the frontier, one after the other.
  func keepRefilling() async {
    while true {
      await wait(for: refillSignal)
      if isStopping { return }
      for request in frontier.activationsDue(now: now) { await activate(request) }
      for request in frontier.refillsDue() { await refill(request) }
      needsPump()
    }
  }

  private func refill(_ request: RefillRequest) async {
    let after = QueueKey(priority: request.from.priority, depth: request.from.depth, id: request.from.id - 1)
    let rows = await untroubled(.reading) {
      try await $0.readyURLs(taskID: request.taskID, hostID: request.hostID, after: after, limit: request.limit)
    }
    if rows == nil { await pauseAfterFailedRead() }
    frontier.endRefill(
      request, rows: rows?.compactMap(entry), isComplete: rows.map { $0.count < request.limit } ?? false, now: now)
  }

  private func activate(_ request: ActivationRequest) async {
    let token = configuration.productToken
    let read = await untroubled(.reading) { store in
      let rows = try await store.hostsWithReadyURLs(
        taskID: request.taskID, after: request.afterHostID, limit: request.limit)
      let bytes = rows.reduce(0) { $0 + ($1.host.robotsText?.count ?? 0) }
      let robots = try await loop.run(inThread: bytes > Self.rulesOnLoop) {
        rows.map { ReadRobots($0.host, productToken: token) }
      }
      return (rows: rows, robots: robots)
    }
    if read == nil { await pauseAfterFailedRead() }
    let hosts = read.map { read in
      zip(read.rows, read.robots).map { storedHost($0.host, first: $0.first, lastRead: $1) }
    }
    frontier.endActivation(request, hosts: hosts, now: now)
  }

  func pauseAfterFailedRead() async {
    if !isStopping { try? await loop.sleep(for: .seconds(1)) }
  }

  /// What is asked of the database for the frontier, again and again.
  enum Errand: String {
    case reading = "reading the frontier's rows"
    case readingRobots = "reading robots.txt files from the database"
    case promoting = "making delayed URLs ready"
    case looking = "looking for the next delayed URL"
    case failing = "settling the URLs of hosts whose robots.txt can't be reached"
  }

  /// The database's answer; nil when there is none. What keeps it from answering is logged when it begins, when it changes
  /// and when it is over.
  func untroubled<Answer>(_ errand: Errand, _ question: (Store) async throws -> Answer) async -> Answer? {
    do {
      let answer = try await question(store)
      if troubles.removeValue(forKey: errand) != nil { logger.notice("\(errand.rawValue) succeeds again") }
      return answer
    } catch is CancellationError {
      return nil
    } catch {
      let cause = "\(error)"
      if !isStopping, troubles.updateValue(cause, forKey: errand) != cause {
        logger.error("\(errand.rawValue) fails, tried again each second: \(cause)")
      }
      return nil
    }
  }

  private func entry(_ row: ReadyURL) -> FrontierEntry? {
    guard let url = WebURL(row.url), let hostID = row.hostID else {
      logger.error("row \(row.id) of urls does not parse as a URL: \(row.url)")
      return nil
    }
    return FrontierEntry(
      key: QueuePlace(priority: row.priority, depth: row.depth, id: row.id), taskID: row.taskID, hostID: hostID,
      url: url, fingerprint: row.fingerprint, redirects: row.redirects, attempts: row.attempts, viaURLID: row.viaURLID)
  }

  /// A host's row as the frontier takes it: what robots.txt said to another agent holds only while it can't be asked for.
  /// `first`: the place of the first of its ready rows, if there are any; `lastRead`: what the row has of its robots.txt.
  func storedHost(_ host: HostRecord, first: QueueKey? = nil, lastRead: ReadRobots?) -> StoredHost {
    var robots = RobotsState.unknown
    let isOurs = host.robotsAgentID ?? AgentRecord.first == agentID
    // What is to be kept for longer was read when the clock was ahead, nobody knows how long ago, or may be kept for less by now.
    if let lastRead, isOurs, let expires = host.robotsExpiresAt.map(loopTime(ofDue:)), expires > now,
      expires <= now + frontier.limits.robotsLifetime
    {
      robots = lastRead.known(expires: expires)
    }
    let due = host.nextFetchAt.map(loopTime(ofDue:))
    // A host may be in order again that was not asked for long.
    let throttle = due.map { $0 > now - Self.throttleLifetime } ?? false ? host.throttleDelay ?? 0 : 0
    // What the clock said before a restart is unknown: the first fetch waits for the delay of the tasks (`takenUpAt`), and for
    // this, which the clock may learn later.
    let crawlDelay = min(host.crawlDelay ?? 0, HostClock.maximumCrawlDelay)
    let earliest = startTime + max(crawlDelay, throttle)
    let nextFetch = due.map { min($0, now + HostClock.maximumThrottle) } ?? earliest
    return StoredHost(
      id: host.id, scheme: host.scheme, name: host.name, port: host.port,
      firstKey: first.map { QueuePlace(priority: $0.priority, depth: $0.depth, id: $0.id) } ?? .first, robots: robots,
      lastRead: lastRead, notBefore: max(nextFetch, earliest), throttleDelay: throttle,
      hasThrottleDelay: host.throttleDelay != nil)
  }

  /// So long after a host might have been asked again it is still as slow as its row says; microseconds.
  private static let throttleLifetime: Int64 = 3_600_000_000

  // MARK: Delayed URLs

  /// At most this many delayed URLs become ready in one transaction.
  private static let promotionLimit = 1_000

  /// Shortest time between two of them: each is a transaction.
  private static let promotionInterval: Int64 = 100_000

  /// Makes delayed URLs ready when their time has come.
  func keepPromoting() async {
    while true {
      await wait(for: promotionSignal)
      if isStopping { return }
      promotionDue = nil
      if await promote(), let next = await untroubled(.looking, { try await $0.nextDueTime() }), let due = next {
        promote(at: max(due, dueNow + Self.promotionInterval))
      } else if !isStopping, tasks.values.contains(where: { $0.counters.delayed > 0 }) {
        promote(at: dueNow + 1_000_000)
      }
    }
  }

  /// Has delayed URLs looked for at this time of the calendar, unless they are earlier anyway.
  func promote(at due: Int64) {
    if let promotionDue, promotionDue <= due { return }
    promotionDue = due
    armPromotion()
  }

  private func armPromotion() {
    promotionTimer?.cancel()
    guard let promotionDue else { return }
    promotionTimer = loop.callLater(.microseconds(max(0, min(promotionDue - dueNow, Self.longestTimer)))) {
      self.noteClock()
      if self.promotionDue ?? .min <= self.dueNow { self.promotionSignal.set() } else { self.armPromotion() }
    }
  }

  /// - Returns: whether it succeeded.
  private func promote() async -> Bool {
    noteClock()
    frontier.beginPromotion()
    let due = dueNow
    let rows = await untroubled(.promoting) { try await $0.promoteDelayed(now: due, limit: Self.promotionLimit) }
    for row in rows ?? [] { tasks[row.taskID]?.counters.move(from: .delayed, to: .ready) }
    frontier.endPromotion(rows?.compactMap(entry), now: now)
    needsPump()
    return rows != nil
  }

  // MARK: Hosts whose robots.txt can't be reached

  /// Gives the ready URLs of such hosts their fate: of many hosts at once, since each transaction waits for the disk.
  func failUnreachable() {
    hostsToFail += frontier.failuresDue()
    if hostsToFail.isEmpty || isFailingHosts { return }
    isFailingHosts = true
    loop.startTask(name: "robots unreachable") { await self.failHosts() }
  }

  private func failHosts() async {
    defer { isFailingHosts = false }
    while !isStopping, let (taskID, _, fate) = hostsToFail.first {
      // Those of one task, with one fate.
      let alike = hostsToFail.filter { $0.taskID == taskID && $0.fate == fate }
      let hostIDs = Set(alike.prefix(Self.failureLimit).map(\.hostID))
      let isChosen = { (host: (taskID: Int64, hostID: Int64, fate: RobotsFate)) in
        host.taskID == taskID && host.fate == fate && hostIDs.contains(host.hostID)
      }
      hostsToFail.removeAll(where: isChosen)
      await failReady(taskID: taskID, hostIDs: hostIDs.sorted(), fate)
      for host in alike where isChosen(host) { frontier.endFailure(hostID: host.hostID, now: now) }
      needsPump()
      settlingSignal.set()
    }
  }

  /// At most this many URLs, and hosts, in one transaction.
  private static let failureLimit = 5_000

  private func failReady(taskID: Int64, hostIDs: [Int64], _ fate: RobotsFate) async {
    let (state, reason) = fate.stored
    if let task = tasks[taskID], !task.isStored {
      // Its rows are to come, all of them ready.
      await beginChange(task)
      endChange(task)
    }
    while let task = tasks[taskID], !isStopping {
      let changed = await untroubled(.failing) {
        try await $0.excludeReadyURLs(
          taskID: taskID, hostIDs: hostIDs, state: state, reason: reason, limit: Self.failureLimit)
      }
      if let changed {
        for _ in changed { task.counters.move(from: .ready, to: state) }
        if changed.count < Self.failureLimit { return }
      } else {
        try? await loop.sleep(for: .seconds(1))
      }
    }
  }
}

extension RobotsFate {
  /// State and reason of the rows.
  fileprivate var stored: (URLState, String) {
    switch self {
    case .robotsUnreachable: (.failed, robotsUnreachableReason)
    case .addressRefused: (.excluded, ExclusionReason.addressRefused.rawValue)
    }
  }
}
