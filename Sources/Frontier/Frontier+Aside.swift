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
  /// By which its maker knows it when it is called.
  package let id: Int64
  fileprivate var host: Host?
  fileprivate var state = State.idle
  /// The larger, the later it has come to its host.
  fileprivate var number: UInt64 = 0
  fileprivate var isCalled = false

  package init(task taskID: Int64, id: Int64 = 0) {
    self.taskID = taskID
    self.id = id
  }

  /// The host that it asks, once it has tried to.
  package var hostID: Int64? { host?.id }
}

// The host's clock is asked by them as by any other fetch, and the task's delay there counts as if it had a queue. They count
// for the limits of fetches in flight and for the task's rate. What they belong to has begun: so the next place is theirs
// when there was none, every other start on a host at least, and they do not wait for the rate and the quotas.
//
// Those that wait for a host's time stand in its line, in the order in which they have come to it; the first is called when
// that time has come, as the queues are put into their rings. A host has no more of them than `mostVisitors`: what others
// belong to ends, and is taken up later (`RobotsRedirect`).
extension Frontier {
  package enum AsideStart: Sendable {
    /// The slot of its host is taken.
    case started
    /// No slot is free, or its time has not come, as far as is known before `until`: try again when `takeCalledAsides` tells
    /// of it.
    case inLine(until: Int64)
    /// Something else than its host holds it up: try again then.
    case wait(until: Int64)
    /// As many wait for the host as may: the host does not know it, and it should come then.
    case full(until: Int64)
    /// The row of its host has what the clock must know: call `bringHost`, and try again.
    case unread(hostID: Int64)
  }

  /// Fetches aside that a host knows at most, those in flight among them.
  package static let mostVisitors = 64

  /// Takes a slot of the URL's host, which is the same each time. Linear in the fetches aside that the host knows.
  package func start(_ aside: Aside, _ url: WebURL, now: Int64) -> AsideStart {
    guard let task = tasks[aside.taskID] else { return .wait(until: now + Self.dormantRetryInterval) }
    let id = hostID(of: url)
    if hosts[id] == nil, !freshHosts.contains(id) { return .unread(hostID: id) }
    guard let host = hosts[id] ?? makeHost(id: id, of: url, now: now) else {
      return .wait(until: now + Self.dormantRetryInterval)
    }
    if aside.host == nil {
      guard host.visitors.count < Self.mostVisitors else { return .full(until: laterTurn(on: host, now: now)) }
      join(aside, host)
    }
    aside.isCalled = false
    if let hold = task.hold(now: now, maxInFlight: limits.maxInFlight, isAside: true) {
      if case .inFlight = hold { set(aside, .held) } else { set(aside, .idle) }
      schedule(host, now: now)
      return .wait(until: max(hold.until ?? 0, now + Self.asidePause))
    }
    guard inFlight < limits.maxInFlight else {
      set(aside, .held)
      schedule(host, now: now)
      return .wait(until: now + Self.asidePause)
    }
    let readyTime = host.clock.readyTime()
    guard let readyTime, readyTime <= now, isNext(aside, host) else {
      set(aside, .waiting)
      schedule(host, now: now)
      return .inLine(until: readyTime.flatMap { $0 > now ? $0 : nil } ?? now + Self.asidePause)
    }
    if let silence = host.ways.silence(behind: task.settings.proxy, now: now) {
      set(aside, .idle)
      schedule(host, now: now)
      return .wait(until: silence.until)
    }
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

  private func join(_ aside: Aside, _ host: Host) {
    aside.host = host
    aside.number = host.nextVisitor
    host.nextVisitor += 1
    host.visitors.append(aside.taskID)
    configureClock(host)
  }

  private func isNext(_ aside: Aside, _ host: Host) -> Bool {
    host.line.first.map { $0.number >= aside.number } ?? true
  }

  /// Shortest time between those that come later, and the longest time after which they do.
  private static let shortestPace: Int64 = 10_000
  private static let latestTurn: Int64 = 3_600_000_000

  /// When a further visitor should come to a host that has as many as it may: behind these, and behind those that were told so
  /// before, each as much later as the host's pace says. Blocks, which may be lifted, do not count.
  private func laterTurn(on host: Host, now: Int64) -> Int64 {
    let pace = max(host.clock.effectiveDelay, Self.shortestPace)
    let behind = max(host.laterTurn, now + pace * Int64(Self.mostVisitors))
    host.laterTurn = min(behind + pace, now + Self.latestTurn)
    return host.laterTurn
  }

  /// Calls the first that waits for the host's time if it has come, or has the host woken when it will have.
  func callVisitor(of host: Host, now: Int64) {
    guard let first = host.line.first, !first.isCalled, let readyTime = host.clock.readyTime() else { return }
    if readyTime > now { return waiting.insert(host, at: readyTime) }
    first.isCalled = true
    calledAsides.append(first.id)
  }

  /// The fetches aside that are to try again now.
  package func takeCalledAsides() -> [Int64] {
    if calledAsides.isEmpty { return [] }
    defer { calledAsides.removeAll() }
    return calledAsides
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
    if aside.state == state { return }
    count(aside, -1)
    aside.state = state
    count(aside, 1)
  }

  private func count(_ aside: Aside, _ change: Int) {
    switch aside.state {
    case .idle, .started: break
    case .waiting:
      guard let host = aside.host else { return }
      if change < 0 { return host.line.removeAll { $0 === aside } }
      host.line.insert(aside, at: host.line.firstIndex { $0.number > aside.number } ?? host.line.count)
    case .held:
      heldAsides += change
      tasks[aside.taskID]?.heldAsides += change
    }
  }

  /// Whether the next start on the host is a visitor's, who is called.
  func awaitsVisitor(_ host: Host) -> Bool { !host.line.isEmpty && !host.visitorWasLast }
}
