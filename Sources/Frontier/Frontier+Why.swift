internal import Politeness

/// Why hosts of a task start nothing at this moment.
package struct Blocking: Sendable {
  package enum Reason: String, CaseIterable, Sendable {
    /// Could start now: waits only for its turn or for what holds the whole task.
    case turn
    case delay
    case crawlDelay = "crawl_delay"
    case throttle
    case retryAfter = "retry_after"
    /// It did not answer several times in a row and is left alone for a while.
    case outage
    case blockedByUser = "blocked_by_user"
    /// All of the host's fetches in flight are taken.
    case concurrency
    /// All of the fetches in flight to its IP address are taken.
    case address
    /// Its robots.txt is being fetched, or is tried again later.
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
}

/// What holds a whole task.
package enum TaskHold: Sendable {
  case stopped
  case maxPages
  case maxInFlight(Int)
  case rate(until: Int64)
  /// Its known URLs are still being read from the database.
  case loading
  /// It has URLs on hosts beyond those that memory holds.
  case dormantHosts
}

extension Frontier {
  /// What holds the task as a whole; nil if nothing does.
  package func hold(task taskID: Int64, now: Int64) -> TaskHold? {
    guard let task = tasks[taskID] else { return .stopped }
    if !task.seenIsComplete { return .loading }
    return switch task.hold(now: now, maxInFlight: limits.maxInFlight) {
    case nil: task.hasDormantHosts && task.ring.isEmpty ? .dormantHosts : nil
    case .stopped: .stopped
    case .pages: .maxPages
    case .inFlight: .maxInFlight(task.inFlight)
    case .rate(let until): .rate(until: until)
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
      all[reason] = blocking
    }
    return Blocking.Reason.allCases.compactMap { all[$0] }
  }

  /// What one host of the task waits for, and until when.
  package func blocking(task taskID: Int64, hostID: Int64, now: Int64) -> Blocking? {
    guard let host = hosts[hostID], let queue = host.queue(of: taskID) else { return nil }
    let (reason, until) = reason(queue, host, now: now)
    return Blocking(reason: reason, hosts: 1, urls: queue.headCount, until: until)
  }

  private func reason(_ queue: HostQueue, _ host: Host, now: Int64) -> (Blocking.Reason, Int64?) {
    guard queue.hasWork else { return (queue.spillFloor == nil ? .inFlight : .refill, nil) }
    if host.isWaitingForAddress { return (.address, nil) }
    switch queue.task.robotsNeed(on: host, now: now) {
    case .wait: return (.robots, nil)
    case .waitUntil(let time): return (.robots, time)
    case .none, .fetch: break
    }
    return switch host.clock.wait(now: now) {
    case .nothing: (.turn, nil)
    case .slots: (.concurrency, nil)
    case .delay(let until): (.delay, until)
    case .crawlDelay(let until): (.crawlDelay, until)
    case .throttle(let until): (.throttle, until)
    case .blocked(let until, .retryAfter): (.retryAfter, until)
    case .blocked(let until, .outage): (.outage, until)
    case .blocked(let until, .user): (.blockedByUser, until)
    case .blocked(let until, .robots): (.robots, until)
    }
  }
}
