package import Politeness
package import WebURL

// The frontier knows which URL is next, and when.
//
// The life of a URL: it is *offered* (by a seed, a link, a redirect), judged (traps, scope, patterns, depth, nofollow,
// robots, budgets) and looked up in the seen set. A new one becomes a row: `excluded` with its reason, or `ready` in the
// queue of its task and host. The head of that queue is in memory, the rest are rows that are read back when the head
// runs low. `next` gives a URL out when its host's clock allows it; `release` frees the host when the bytes are in;
// `finish` says that its visit was handed to the store, and `committed` that it is on disk.
//
// URLs are one row when their canonical forms are equal, by the task's policy (`Frontier+Spelling`).
//
// What every start and every offer looks at is marked as accessed by one at a time (`@exclusivity(unchecked)`): nothing here
// calls back while it changes something (`onEarlierStart` only takes note), and the runtime's look at each access costs as
// much as the access.
//
// Pure and synchronous: no clock, no I/O, no locks. `now` is the loop's monotonic time in microseconds. Whoever owns the
// frontier does the reads that it asks for (`refillsDue`, `activationsDue`, `nextRobotsRead`, `failuresDue`) and brings their
// results.
//
// Bounds: at most `maxActiveHosts` hosts in memory, each with a head of at most `headLimit` entries; 18 to 37 bytes
// per known URL; nothing per URL that waits beyond a head; `rulesBytes` of what robots.txt files say.

/// A host that the frontier met for the first time: its row must be stored with the URLs that name it.
package struct NewHost: Sendable {
  package var id: Int64
  package var scheme: String
  package var name: String
  package var port: Int
}

package final class Frontier {
  package var limits: FrontierLimits
  let fingerprintKey: FingerprintKey
  /// Loop time at which hosts are taken to have been asked last: after a restart nobody knows when they were.
  package var takenUpAt: Int64?
  /// A host may start earlier than `nextReadyTime` said, by something else than a fetch of it. Must not call the frontier.
  package var onEarlierStart: () -> Void = {}
  /// An earlier daemon may have met and asked hosts, and ended before their rows were stored: that holds for all.
  package var mayHaveLostHosts = false
  var nextURLID: Int64
  var nextHostID: Int64
  /// Every host that has a row, by origin.
  var hostIDs = HostIDs()
  @exclusivity(unchecked) var recentHosts = RecentHosts()
  /// Of those, hosts that were met since the start and have no ready row in any task.
  var freshHosts: Set<Int64> = []
  @exclusivity(unchecked) var hosts: [Int64: Host] = [:]
  /// Until when users want hosts left alone, in memory or not (loop time); at most one per host that was named to `block`.
  var userBlocks: [Int64: Int64] = [:]
  /// Of the hosts that users have made settings for, in memory or not.
  var hostSettings: [Int64: HostSettings] = [:]
  /// Blocks that an earlier daemon has stored, of hosts that have not come into memory since.
  var storedBlocks: [Int64: (until: Int64, reason: BlockReason)] = [:]
  @exclusivity(unchecked) var tasks: [Int64: FrontierTask] = [:]
  /// The tasks that may start fetches, in the order in which they began to. The others, of which there may be very many,
  /// cost nothing.
  @exclusivity(unchecked) var runningTasks: [FrontierTask] = []
  @exclusivity(unchecked) var waiting = WaitingHosts()
  /// Hosts that hold no queue, oldest first; they give way when a new host needs room.
  var idleHosts = Fifo<Host>()
  var newHosts: [NewHost] = []
  /// What was compared with rules of robots.txt in the loop's turn at `time`.
  @exclusivity(unchecked) var robotsWork: (time: Int64, done: Int) = (.min, 0)
  /// What was compared with patterns of tasks in the loop's turn at `time`.
  @exclusivity(unchecked) var patternWork: (time: Int64, done: Int) = (.min, 0)
  /// Hosts whose URLs are still to be compared with rules or patterns, since enough was compared in a turn; each has its
  /// share of a later turn.
  var hostsToJudge = Fifo<Host>()
  /// What the hosts in memory have of rules that count for `FrontierLimits.rulesBytes`.
  package internal(set) var rulesBytes = 0
  /// Hosts that have some, those first that were looked at first; and others, which have given them up or are gone.
  var hostsWithRules = Fifo<Host>()
  /// Hosts whose robots.txt is to be read from their rows.
  var robotsToRead = Fifo<Host>()
  /// In which they were called last.
  var judgingTurn: Int64 = .min
  var addresses: [String: AddressPlace] = [:]
  /// Addresses with room that hosts wait for.
  var roomyAddresses = Fifo<AddressPlace>()
  /// Those that were called out of an address's line and have not started yet: as many as there is room, at most.
  var calledHosts: [Host] = []
  private var virtualTime: UInt64 = 0
  /// Visits handed to the store, oldest first, until they commit.
  private var uncommitted: [(sequence: Int64, queue: HostQueue, id: Int64)] = []
  private var uncommittedStart = 0
  var committedThrough: Int64 = 0
  @exclusivity(unchecked) var queuesToRefill: [HostQueue] = []
  /// Queues whose rows can't be read before the next commit.
  var blindQueues: [HostQueue] = []
  var queuesToFail: [HostQueue] = []
  var promotionsUnderWay = 0
  var promotionCount = 0
  var excluded: [ExcludedEntry] = []
  @exclusivity(unchecked) package internal(set) var inFlight = 0
  /// Fetches aside that wait for a place among those in flight.
  @exclusivity(unchecked) var heldAsides = 0
  /// Those whose host's time has come, by the ids of their makers.
  var calledAsides: [Int64] = []
  /// Hosts that are woken at some time: of those in memory, each once at most.
  package var waitingHosts: Int { waiting.count }
  /// Another fetch of a queue may be in flight.
  package var hasRoom: Bool { inFlight + heldAsides < limits.maxInFlight }

  /// - Parameters:
  ///   - fingerprintKey: the database's key.
  ///   - nextURLID: the first id that no row has.
  ///   - nextHostID: the first id that no row has.
  package init(limits: FrontierLimits, fingerprintKey: FingerprintKey, nextURLID: Int64, nextHostID: Int64) {
    self.limits = limits
    self.fingerprintKey = fingerprintKey
    self.nextURLID = nextURLID
    self.nextHostID = nextHostID
  }

  // MARK: What is next

  /// The next URL to fetch (or a robots.txt, entry kind `robots`), if any may start now. Its host's slot is taken.
  package func next(now: Int64) -> FrontierEntry? {
    beginJudging(now: now)
    while let host = waiting.pop(now: now) { schedule(host, now: now) }
    // One that has waited for its address for each that starts; more only while nothing else may.
    while callForAddress(now: now) {
      if let entry = nextInRings(now: now) { return entry }
    }
    return nextInRings(now: now)
  }

  private func nextInRings(now: Int64) -> FrontierEntry? {
    defer { endCallsOfHeldTasks(now: now) }
    while let task = nextTask(now: now) {
      guard let queue = task.takeTurn() else { continue }
      guard let entry = startInTurn(queue, now: now) else { continue }
      virtualTime = max(virtualTime, task.pass)
      let starter = entry.taskID == task.id ? task : tasks[entry.taskID] ?? task
      starter.pass = max(virtualTime, starter.pass) + starter.stride
      starter.noteRate(now: now)
      return entry
    }
    return nil
  }

  /// When `next` may give something out although nothing else happens before; nil if nothing waits for time.
  package func nextReadyTime(now: Int64) -> Int64? {
    var time = waiting.nextTime()
    if !hostsToJudge.isEmpty { time = min(time ?? .max, now + 1) }
    for task in runningTasks {
      // What is due already is being read, or will be when something else happens.
      if task.hasDormantHosts, task.dormantRetryTime > now { time = min(time ?? .max, task.dormantRetryTime) }
      // A hold that is over, but for the fetch in flight, ends with that.
      if !task.ring.isEmpty, let until = task.hold(now: now, maxInFlight: limits.maxInFlight)?.until, until > now {
        time = min(time ?? .max, until)
      }
    }
    return time
  }

  private func nextTask(now: Int64) -> FrontierTask? {
    var best: FrontierTask?
    for task in runningTasks where !task.ring.isEmpty {
      if let best, best.pass <= task.pass { continue }
      if task.hold(now: now, maxInFlight: limits.maxInFlight) == nil { best = task }
    }
    return best
  }

  /// Starts what is next on the queue's host: in the queue whose turn it is there. Tasks that share a slow host come up
  /// together whenever it may be asked; which of them the others' starts have brought up first says nothing.
  private func startInTurn(_ queue: HostQueue, now: Int64) -> FrontierEntry? {
    defer { endCall(queue.host) }
    if queue.host.queues.count > 1 {
      let earlier = queue.host.queues.filter { $0.turn < queue.turn && mayStart($0, now: now) }
      if let first = earlier.min(by: { $0.turn < $1.turn }), let entry = start(first, now: now) { return entry }
    }
    return start(queue, now: now)
  }

  /// Whether only the host can hold up what is first in the queue.
  private func mayStart(_ queue: HostQueue, now: Int64) -> Bool {
    guard queue.hasWork, !waitsForScope(queue) else { return false }
    guard queue.task.hold(now: now, maxInFlight: limits.maxInFlight) == nil else { return false }
    switch queue.task.need(on: queue.host, now: now) {
    case .none, .fetch, .read: return true
    case .wait, .waitUntil: return false
    }
  }

  private func start(_ queue: HostQueue, now: Int64) -> FrontierEntry? {
    let host = queue.host
    let task = queue.task
    // It may have been retired while it was in the ring.
    guard host.queue(of: task.id) === queue, !failsForRobots(queue, now: now) else { return nil }
    guard !host.isWaitingForAddress, !waitsForScope(queue) else { return nil }
    guard excludeFirst(of: queue, now: now) else {
      // That is work for the task, too: others' turns are not behind all of it.
      task.pass = max(virtualTime, task.pass) + task.stride
      waitForJudging(host)
      return nil
    }
    guard let first = queue.first else { return nil }
    guard let readyTime = host.clock.readyTime() else { return nil }
    if readyTime > now {
      waiting.insert(host, at: readyTime)
      return nil
    }
    if let until = waitForTakeUp(host, now: now) {
      waiting.insert(host, at: until)
      return nil
    }
    if awaitsVisitor(host) {
      waiting.insert(host, at: now + Self.asidePause)
      return nil
    }
    var entry: FrontierEntry
    var held: String?
    switch task.need(on: host, now: now) {
    case .none:
      guard takePlace(host, held: &held) else { return nil }
      entry = queue.pop()
    case .fetch:
      guard takePlace(host, held: &held) else { return nil }
      entry = robotsEntry(host, task: task, after: first, now: now)
    case .read:
      waitForRead(host)
      return nil
    case .wait: return nil
    case .waitUntil(let time):
      waiting.insert(host, at: time)
      return nil
    }
    entry.address = held
    queue.takeTurn()
    host.clock.start(now: now)
    host.ways.noteStart(behind: task.settings.proxy, now: now)
    host.inFlight += 1
    host.isAwaitingFirstPage = false
    host.visitorWasLast = false
    task.inFlight += 1
    inFlight += 1
    if entry.kind == .url {
      task.reserved += 1
      noteBudgetVisit(entry, 1, task)
    }
    noteRefill(queue)
    schedule(host, now: now)
    return entry
  }

  /// Whether it is not known yet if what is first in the queue may be visited.
  private func waitsForScope(_ queue: HostQueue) -> Bool {
    !queue.task.scopeIsKnown && queue.first.map { $0.depth > 0 } ?? false
  }

  /// Takes the URLs out of a head that the settings and the robots.txt of now exclude; they cost the host's clock nothing.
  ///
  /// - Returns: false when what is first is to be judged in the loop's next turn.
  private func excludeFirst(of queue: HostQueue, now: Int64) -> Bool {
    while let first = queue.first {
      guard let allows = robotsAllow(first.url, queue.host, queue.task, now: now) else { return false }
      let judgement = allows ? judgeNow(first, queue.task, now: now) : .excluded(.robots)
      if case .unfinished = judgement { return false }
      guard case .excluded(let reason) = judgement else { break }
      noteExcluded(queue.pop(), reason, queue.task)
      noteRefill(queue)
    }
    return true
  }

  /// URLs that were queued and have been found excluded when they came up. Their visits are handed to the store like any.
  package func takeExcluded() -> [ExcludedEntry] {
    defer { excluded.removeAll() }
    return excluded
  }

  /// Puts the host's queues into their tasks' rings if it may start a fetch now, and calls the first fetch aside that waits for
  /// it, or has it woken when it may.
  func schedule(_ host: Host, now: Int64) {
    if !host.line.isEmpty { callVisitor(of: host, now: now) }
    guard !host.isWaitingForAddress, host.queues.contains(where: { $0.hasWork && $0.task.isRunning }) else { return }
    guard let readyTime = host.clock.readyTime() else { return }
    if readyTime > now { return waiting.insert(host, at: readyTime) }
    for queue in host.queues where queue.hasWork && queue.task.isRunning && !queue.isInRing {
      switch queue.task.need(on: host, now: now) {
      case .wait: continue
      case .waitUntil(let time):
        waiting.insert(host, at: time)
        continue
      case .none, .fetch, .read: break
      }
      if queue.task.ring.isEmpty { queue.task.pass = max(queue.task.pass, virtualTime) }
      queue.task.ring.append(queue)
    }
  }

  // MARK: The way of an entry that was given out

  /// The bytes are in (or the fetch has failed): the slot, the host and its clock are free again.
  package func release(_ entry: FrontierEntry, _ observation: FetchObservation, now: Int64) {
    inFlight -= 1
    tasks[entry.taskID]?.inFlight -= 1
    guard let host = hosts[entry.hostID] else { return }
    host.inFlight -= 1
    host.clock.finish(now: now, observation: observation)
    host.note(observation, now: now)
    schedule(host, now: now)
  }

  /// The request of a fetch that has started on the host is about to be sent, `isAgain` when not for the first time.
  /// - Returns: whether it may be sent (not when the host is to be left alone by now), and whether others have waited for
  ///   it, so that `nextReadyTime` may have changed.
  package func maySend(hostID: Int64, isAgain: Bool, now: Int64) -> (isAllowed: Bool, isAwaited: Bool) {
    guard let host = hosts[hostID] else { return (true, false) }
    guard host.clock.send(now: now, isAgain: isAgain) else { return (false, false) }
    guard host.clock.effectiveDelay > 0, host.clock.readyTime() != nil else { return (true, false) }
    schedule(host, now: now)
    return (true, true)
  }

  /// The outcome of a URL was handed to the store under this sequence number; `wasStarted` is false for one that was
  /// excluded when it came up.
  package func finish(_ entry: FrontierEntry, sequence: Int64, isFinalAnswer: Bool, wasStarted: Bool = true) {
    guard let task = tasks[entry.taskID] else { return }
    if wasStarted { task.reserved -= 1 }
    if isFinalAnswer, let left = task.pagesLeft { task.pagesLeft = max(0, left - 1) }
    guard let queue = hosts[entry.hostID]?.queue(of: entry.taskID) else { return }
    uncommitted.append((sequence, queue, entry.id))
  }

  /// The URL was not tried: it goes back to where it was, without an attempt. A robots.txt was for this reader.
  package func putBack(_ entry: FrontierEntry, reader: Int = 0, now: Int64) {
    guard let host = hosts[entry.hostID] else { return }
    guard entry.kind == .url else {
      if case .fetching(let tries, let deadline) = host[robotsOf: reader] {
        host[robotsOf: reader] = tries == 0 ? .unknown : .retrying(at: now, tries: tries, deadline: deadline)
      }
      return schedule(host, now: now)
    }
    if let task = tasks[entry.taskID] {
      task.reserved -= 1
      noteBudgetVisit(entry, -1, task)
    }
    guard let queue = host.queue(of: entry.taskID) else { return }
    queue.putBack(entry, limit: headLimit)
    schedule(host, now: now)
  }

  /// All visits up to this sequence number are on disk.
  package func committed(through sequence: Int64) {
    committedThrough = max(committedThrough, sequence)
    queuesToRefill += blindQueues
    blindQueues.removeAll()
    while uncommittedStart < uncommitted.count, uncommitted[uncommittedStart].sequence <= sequence {
      let visit = uncommitted[uncommittedStart]
      if visit.queue.committed(visit.id, limit: headLimit) { waiting.insert(visit.queue.host, at: 0) }
      if visit.queue.isIdle { retire(visit.queue) }
      uncommittedStart += 1
    }
    if uncommittedStart == uncommitted.count || uncommittedStart > 4_096 {
      uncommitted.removeFirst(uncommittedStart)
      uncommittedStart = 0
    }
  }

  /// Visits of the task's URLs that were handed to the store and are not on disk. Linear in those of all tasks.
  package func uncommittedCount(task taskID: Int64) -> Int {
    uncommitted[uncommittedStart...].count { $0.queue.taskID == taskID }
  }

  /// The sequence number that the next visit of this task will have: its rows can't be read before that has committed.
  package func beginVisit(task taskID: Int64, sequence: Int64) {
    tasks[taskID]?.newestSequence = sequence
  }

  /// Entries that a head may hold now.
  var headLimit: Int { max(32, min(512, limits.headEntries / max(1, hosts.count))) }

  func noteRefill(_ queue: HostQueue) {
    if queue.needsRefill(below: headLimit / 4) { queuesToRefill.append(queue) }
  }

  /// Drops a queue in which nothing waits and of which nothing is in flight.
  func retire(_ queue: HostQueue) {
    guard let index = queue.host.queues.firstIndex(where: { $0 === queue }) else { return }
    queue.host.queues.remove(at: index)
    configureClock(queue.host)
    noteIdle(queue.host)
  }

  /// Lists a host without queues among those that may give way.
  func noteIdle(_ host: Host) {
    guard host.queues.isEmpty, !host.isListedIdle else { return }
    host.isListedIdle = true
    idleHosts.append(host)
  }
}
