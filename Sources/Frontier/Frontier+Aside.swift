package import Politeness
package import WebURL

/// A fetch that comes out of no queue: the robots.txt of another host redirects to its URL. The host that it asks knows
/// it from its first try to start until its maker calls `end` or `leave`.
package final class Aside {
  fileprivate enum State {
    case idle
    /// For the host's time.
    case waiting
    /// For a place among the fetches in flight.
    case held
    case started
  }

  package let taskID: Int64
  fileprivate var host: Host?
  fileprivate var state = State.idle

  package init(task taskID: Int64) {
    self.taskID = taskID
  }

  /// The host that it asks, once it has tried to.
  package var hostID: Int64? { host?.id }
}

// The host's clock is asked by them as by any other fetch, and the task's delay there counts as if it had a queue. They count
// for the limits of fetches in flight and for the task's rate. What they belong to has begun: so the next place is theirs
// when there was none, every other start on a host at least, and they do not wait for the rate and the quotas.
extension Frontier {
  package enum AsideStart: Sendable {
    /// The slot of its host is taken.
    case started
    /// No slot is free, or its time has not come: try again then.
    case wait(until: Int64)
    /// The row of its host has what the clock must know: call `bringHost`, and try again.
    case unread(hostID: Int64)
  }

  /// Takes a slot of the URL's host, which is the same each time.
  package func start(_ aside: Aside, _ url: WebURL, now: Int64) -> AsideStart {
    guard let task = tasks[aside.taskID] else { return .wait(until: now + Self.dormantRetryInterval) }
    let id = hostID(of: url)
    if hosts[id] == nil, !freshHosts.contains(id) { return .unread(hostID: id) }
    guard let host = hosts[id] ?? makeHost(id: id, of: url, now: now) else {
      return .wait(until: now + Self.dormantRetryInterval)
    }
    if aside.host == nil {
      aside.host = host
      host.visitors.append(task.id)
      configureClock(host)
    }
    set(aside, .idle)
    if let hold = task.hold(now: now, maxInFlight: limits.maxInFlight, isAside: true) {
      if case .inFlight = hold { set(aside, .held) }
      return .wait(until: max(hold.until ?? 0, now + Self.asidePause))
    }
    guard inFlight < limits.maxInFlight else {
      set(aside, .held)
      return .wait(until: now + Self.asidePause)
    }
    let readyTime = host.clock.readyTime()
    guard let readyTime, readyTime <= now else {
      set(aside, .waiting)
      return .wait(until: readyTime ?? now + Self.asidePause)
    }
    if let silence = host.ways.silence(behind: task.settings.proxy, now: now) { return .wait(until: silence.until) }
    if let until = waitForTakeUp(host, now: now) {
      set(aside, .waiting)
      return .wait(until: until)
    }
    set(aside, .started)
    host.visitorWasLast = true
    task.noteRate(now: now)
    host.clock.start(now: now)
    host.ways.noteStart(behind: task.settings.proxy, now: now)
    host.inFlight += 1
    task.inFlight += 1
    inFlight += 1
    schedule(host, now: now)
    return .started
  }

  /// Whether it waits only for its place and for the host's pace, which others use meanwhile: such a wait has an end.
  /// When there is no room for the host in memory, or the host is blocked, nobody knows the end.
  package func waitsForItsTurn(_ aside: Aside, now: Int64) -> Bool {
    guard let host = aside.host else { return false }
    let silence = host.ways.silence(behind: tasks[aside.taskID]?.settings.proxy, now: now)
    return host.clock.blockedUntil ?? 0 <= now && silence == nil
  }

  /// Whether the host has asked to be left alone, or a user has: nothing is wrong with it.
  package func isLeftAlone(_ aside: Aside, now: Int64) -> Bool { aside.host?.clock.isLeftAlone(now: now) ?? false }

  /// What it waits for, and until when if that is known; loop time. nil before its first try to start.
  package func wait(of aside: Aside, now: Int64) -> (reason: Blocking.Reason, until: Int64?)? {
    aside.host.map { reason($0, now: now) }
  }

  /// How long a fetch aside waits before it tries again, when no time is known.
  static let asidePause: Int64 = 50_000

  /// The fetch has ended that was started.
  package func end(_ aside: Aside, _ observation: FetchObservation, now: Int64) {
    guard case .started = aside.state, let host = aside.host else {
      fatalError("a fetch aside ends that was not started")
    }
    inFlight -= 1
    tasks[aside.taskID]?.inFlight -= 1
    host.inFlight -= 1
    host.clock.finish(now: now, observation: observation)
    host.note(observation, now: now)
    part(aside, host, now: now)
  }

  /// It does not start any more.
  package func leave(_ aside: Aside, now: Int64) {
    if let host = aside.host { part(aside, host, now: now) }
  }

  private func part(_ aside: Aside, _ host: Host, now: Int64) {
    set(aside, .idle)
    aside.host = nil
    if let index = host.visitors.firstIndex(of: aside.taskID) { host.visitors.remove(at: index) }
    configureClock(host)
    noteIdle(host)
    schedule(host, now: now)
  }

  private func set(_ aside: Aside, _ state: Aside.State) {
    count(aside, -1)
    aside.state = state
    count(aside, 1)
  }

  private func count(_ aside: Aside, _ change: Int) {
    switch aside.state {
    case .idle, .started: break
    case .waiting: aside.host?.waitingVisitors += change
    case .held:
      heldAsides += change
      tasks[aside.taskID]?.heldAsides += change
    }
  }

  /// Whether the next start on the host is a visitor's, who tries again in a moment.
  func awaitsVisitor(_ host: Host) -> Bool { host.waitingVisitors > 0 && !host.visitorWasLast }
}
