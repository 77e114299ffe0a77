package import Politeness
package import WebURL

/// Why hosts of a task start nothing at this moment.
package struct Blocking: Sendable {
  package enum Reason: String, CaseIterable, Sendable {
    /// Could start now: waits only for its turn or for what holds the whole task.
    case turn
    case delay
    case crawlDelay = "crawl_delay"
    case throttle
    /// Nothing of it was fetched since the daemon's start, and the pace from before asks for this wait.
    case restart
    case retryAfter = "retry_after"
    /// It did not answer several times in a row and is left alone for a while.
    case outage
    case blockedByUser = "blocked_by_user"
    /// A request is still to be sent, and the delay counts from then.
    case request
    /// All of the host's fetches in flight are taken.
    case concurrency
    /// All of the fetches in flight to its IP address are taken.
    case address
    /// Its robots.txt is being fetched, or read from the database, or is tried again later.
    case robots
    /// Its next URLs are being read from the database.
    case refill
    /// The host's queue is empty; what it has is in flight or being committed.
    case inFlight = "in_flight"
  }

  package var reason: Reason
  package var hosts: Int
  /// URLs in the heads of those hosts; more may wait as rows.
  package var urls: Int
  /// When the first of them may go on; loop time in microseconds.
  package var until: Int64?
  /// Of those hosts, the ones on which other tasks have something to start, too: they take turns.
  package var sharedHosts = 0
  /// Of those hosts, the ones of which nobody knows when they go on: no time is known, or something else must happen by then,
  /// too, as the end of a fetch.
  package var untimedHosts = 0
}

/// What holds a whole task.
package enum TaskHold: Sendable {
  case stopped
  case maxPages
  /// As many fetches as its setting allows.
  case maxInFlight(Int)
  /// So many visits wait for its handlers that with those in flight no more may.
  case handlers(Int)
  case rate(until: Int64)
  /// Its proxy was out of order: one fetch tries it then, or is doing so.
  case proxy(until: Int64)
  /// Nothing holds its fetches up, but its known URLs are still being read from the database.
  case loading
  /// It has URLs on hosts beyond those that memory holds.
  case dormantHosts
}

/// What makes the delay between the fetches of a host as long as it is.
package enum DelayOrigin: Sendable, Equatable {
  /// The delay of this task, the longest of those that run on the host.
  case task(Int64)
  /// What a user wants of the host.
  case user
  /// robots.txt.
  case crawlDelay
  /// Errors, 429, 503, or answers that came ever later.
  case throttle
}

extension Frontier {
  /// What makes the delay of a host in memory as long as it is; nil when no task runs on it.
  package func delayOrigin(hostID: Int64) -> DelayOrigin? {
    guard let host = hosts[hostID] else { return nil }
    if host.clock.throttleDelay > host.clock.baseDelay { return .throttle }
    if host.clock.crawlDelay ?? 0 > host.clock.delay { return .crawlDelay }
    let running = host.queues.filter { $0.task.isRunning }
    if !running.isEmpty, settings(ofHost: hostID).delay != nil { return .user }
    return running.first { $0.task.settings.delay == host.clock.delay }.map { .task($0.taskID) }
  }

  /// The block of a host that is not in memory, loop time; nil when there is none, or the host is in memory.
  package func blockOfAbsentHost(_ hostID: Int64, now: Int64) -> (until: Int64, reason: BlockReason)? {
    guard hosts[hostID] == nil else { return nil }
    let blocks = [
      userBlocks[hostID].map { ($0, BlockReason.user) }, storedBlocks[hostID].map { ($0.until, $0.reason) },
    ]
    return blocks.compactMap { $0 }.filter { $0.0 > now }.max { $0.0 < $1.0 }
  }

  /// Whether a URL was given out, or excluded when it came up, and what became of it is not on disk.
  package func isGivenOut(urlID: Int64, hostID: Int64, task taskID: Int64) -> Bool {
    hosts[hostID]?.queue(of: taskID)?.uncommitted.contains(urlID) ?? false
  }

  /// How many URLs of the task come before one that waits on its host, or at least so many; nil when the host's queue is not in
  /// memory, or the URL does not wait there.
  package func place(ofURL id: Int64, hostID: Int64, task taskID: Int64) -> (before: Int, isExact: Bool)? {
    hosts[hostID]?.queue(of: taskID)?.place(of: id)
  }

  /// What repeats itself in the path of a URL that is excluded as `trap_repeat`, for people.
  package static func repetition(in url: WebURL) -> String? { Traps.repetition(in: url.path) }

  /// How many tries to read a host's robots.txt for the task were in vain since it is wanted, without those that were put
  /// off because the host is not to blame; nil when it is known, was given up, or no try has ended.
  package func robotsTriesInVain(hostID: Int64, task taskID: Int64) -> Int? {
    guard let host = hosts[hostID], let task = tasks[taskID], task.settings.obeysRobots else { return nil }
    let reader = task.settings.robotsReader
    return switch host[robotsOf: reader] {
    case .fetching(let tries, _): tries > 0 ? tries : nil
    case .retrying(_, let tries, _): tries == 0 && host.robotsRedirects[reader] != nil ? nil : tries
    case .unknown, .known, .allowAll, .outdated, .inRow, .unreachable: nil
    }
  }

  /// What holds the task as a whole; nil if nothing does.
  package func hold(task taskID: Int64, now: Int64) -> TaskHold? {
    guard let task = tasks[taskID] else { return .stopped }
    return switch task.hold(now: now, maxInFlight: limits.maxInFlight) {
    case nil where !task.seenIsComplete: .loading
    case nil: task.hasDormantHosts && task.ring.isEmpty ? .dormantHosts : nil
    case .stopped: .stopped
    case .pages: .maxPages
    case .inFlight:
      // Otherwise it is the daemon's maximum, which holds all tasks up.
      task.settings.maxInFlight.flatMap { task.inFlight + task.heldAsides >= $0 ? .maxInFlight($0) : nil }
    case .waiting: .handlers(task.waiting)
    case .rate(let until): .rate(until: until)
    case .proxy(let until): .proxy(until: until)
    }
  }

  /// The task's hosts in memory by what they wait for. Linear in their number.
  package func blocking(task taskID: Int64, now: Int64) -> [Blocking] {
    var all: [Blocking.Reason: Blocking] = [:]
    for host in hosts.values {
      guard let queue = host.queue(of: taskID) else { continue }
      let (reason, until) = reason(queue, host, now: now)
      var blocking = all[reason] ?? Blocking(reason: reason, hosts: 0, urls: 0, until: nil)
      blocking.hosts += 1
      blocking.urls += queue.headCount
      if let until { blocking.until = min(blocking.until ?? until, until) }
      if until == nil || isOpenEnded(host) { blocking.untimedHosts += 1 }
      if isShared(host, by: queue) { blocking.sharedHosts += 1 }
      all[reason] = blocking
    }
    return Blocking.Reason.allCases.compactMap { all[$0] }
  }

  /// What one host of the task waits for, and until when.
  package func blocking(task taskID: Int64, hostID: Int64, now: Int64) -> Blocking? {
    guard let host = hosts[hostID], let queue = host.queue(of: taskID) else { return nil }
    let (reason, until) = reason(queue, host, now: now)
    return Blocking(
      reason: reason, hosts: 1, urls: queue.headCount, until: until, sharedHosts: isShared(host, by: queue) ? 1 : 0,
      untimedHosts: until == nil || isOpenEnded(host) ? 1 : 0)
  }

  /// Beside what ends at a time, a fetch in flight must end, or send its request.
  private func isOpenEnded(_ host: Host) -> Bool { host.isWaitingForAddress || host.clock.readyTime() == nil }

  private func isShared(_ host: Host, by queue: HostQueue) -> Bool {
    host.queues.contains { $0 !== queue && $0.hasWork && $0.task.isRunning }
  }

  /// The earliest time at which the host's pace and its blocks let a URL of the task start that is in no queue yet, and which of
  /// them lasts so long; loop time, which may have passed. Nil when nothing is known that it waits for. Of a host that is not in
  /// memory the Crawl-delay and the throttle are not known.
  package func earliestStart(
    hostID: Int64, task taskID: Int64, now: Int64
  ) -> (time: Int64, reason: Blocking.Reason)? {
    guard let task = tasks[taskID] else { return nil }
    guard let host = hosts[hostID] else {
      let block = blockOfAbsentHost(hostID, now: now).map { (time: $0.until, reason: Blocking.Reason($0.reason)) }
      guard let takenUpAt, !freshHosts.contains(hostID) else { return block }
      let paced = takenUpAt + (settings(ofHost: hostID).delay ?? task.settings.delay)
      return block.flatMap { $0.time >= paced ? $0 : nil } ?? (paced, .restart)
    }
    var clock = host.clock
    configure(&clock, of: host, joinedBy: task)
    let (reason, until) = reason(clock.timedWait, of: clock)
    let start = until ?? .min
    guard let silence = host.ways.silence(behind: task.settings.proxy, now: now), silence.until > start else {
      return (start, reason)
    }
    return (silence.until, .outage)
  }

  private func reason(_ queue: HostQueue, _ host: Host, now: Int64) -> (Blocking.Reason, Int64?) {
    guard queue.hasWork else { return (queue.spillFloor == nil ? .inFlight : .refill, nil) }
    if let silence = host.ways.silence(behind: queue.task.settings.proxy, now: now),
      host.clock.wait(now: now).until ?? .min <= silence.until
    {
      return silence.isTrial ? (.concurrency, nil) : (.outage, silence.until)
    }
    switch queue.task.need(on: host, now: now) {
    case .wait: return (.robots, nil)
    // The host may be left alone for longer.
    case .waitUntil(let time) where host.clock.wait(now: now).until ?? .min <= time: return (.robots, time)
    case .waitUntil, .none, .fetch, .read: break
    }
    let (reason, until) = reason(host, now: now)
    // Its place in the address's line helps it only when nothing else holds it up.
    return reason == .turn && host.isWaitingForAddress ? (.address, nil) : (reason, until)
  }

  /// What its clock waits for.
  func reason(_ host: Host, now: Int64) -> (Blocking.Reason, Int64?) {
    reason(host.clock.wait(now: now), of: host.clock)
  }

  private func reason(_ wait: HostWait, of clock: HostClock) -> (Blocking.Reason, Int64?) {
    if !clock.hasStarted, let until = wait.paceUntil { return (.restart, until) }
    return switch wait {
    case .nothing: (.turn, nil)
    case .slots: (.concurrency, nil)
    case .request: (.request, nil)
    case .delay(let until): (.delay, until)
    case .crawlDelay(let until): (.crawlDelay, until)
    case .throttle(let until): (.throttle, until)
    case .blocked(let until, let reason): (Blocking.Reason(reason), until)
    }
  }
}

extension Blocking.Reason {
  fileprivate init(_ block: BlockReason) {
    self =
      switch block {
      case .retryAfter: .retryAfter
      case .outage: .outage
      case .user: .blockedByUser
      }
  }
}

extension HostWait {
  /// Until when it is the pace that is waited for.
  fileprivate var paceUntil: Int64? {
    if case .blocked = self { nil } else { until }
  }
}
