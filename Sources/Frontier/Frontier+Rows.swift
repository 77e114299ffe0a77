internal import Politeness
internal import WebURL

/// A read of the rows behind a head, to be answered by `endRefill`.
package struct RefillRequest: Sendable {
  package var taskID: Int64
  package var hostID: Int64
  /// Rows with this key or a larger one, smallest first.
  package var from: QueuePlace
  package var limit: Int
  let promotionCount: Int
}

/// A read of hosts that have ready rows, to be answered by `endActivation`.
package struct ActivationRequest: Sendable {
  package var taskID: Int64
  /// Hosts with larger ids, smallest first.
  package var afterHostID: Int64
  package var limit: Int
}

/// A host with ready rows, as the database has it. Times are loop times in microseconds.
package struct StoredHost: Sendable {
  package var id: Int64
  package var scheme: String
  package var name: String
  package var port: Int
  /// The smallest key among its ready rows.
  package var firstKey: QueuePlace
  package var robots: RobotsState
  /// What its robots.txt said when it was read last, however long ago.
  package var lastRead: ReadRobots?
  package var notBefore: Int64
  /// The delay that the throttle asked for, if that is to hold still.
  package var throttleDelay: Int64
  /// The row has one, whether it holds or not.
  package var hasThrottleDelay: Bool

  package init(
    id: Int64, scheme: String, name: String, port: Int, firstKey: QueuePlace, robots: RobotsState,
    lastRead: ReadRobots? = nil, notBefore: Int64, throttleDelay: Int64 = 0, hasThrottleDelay: Bool = false
  ) {
    self.id = id
    self.scheme = scheme
    self.name = name
    self.port = port
    self.firstKey = firstKey
    self.robots = robots
    self.lastRead = lastRead
    self.notBefore = notBefore
    self.throttleDelay = throttleDelay
    self.hasThrottleDelay = hasThrottleDelay
  }
}

extension Frontier {
  /// Whether `refillsDue` or `activationsDue` may have something to read.
  package func wantsRows(now: Int64) -> Bool {
    !queuesToRefill.isEmpty && promotionsUnderWay == 0
      || runningTasks.contains { $0.hasDormantHosts && !$0.isActivating && $0.dormantRetryTime <= now }
  }

  // MARK: Heads

  /// Reads of rows that are due now. Ask after each `next`, `committed` and `endActivation`.
  package func refillsDue() -> [RefillRequest] {
    guard promotionsUnderWay == 0, !queuesToRefill.isEmpty else { return [] }
    var blind: [HostQueue] = []
    var requests: [RefillRequest] = []
    var seen: Set<ObjectIdentifier> = []
    for queue in queuesToRefill where queue.needsRefill(below: headLimit / 4) {
      guard seen.insert(ObjectIdentifier(queue)).inserted else { continue }
      if let from = queue.beginRefill(committedThrough: committedThrough) {
        requests.append(
          RefillRequest(
            taskID: queue.taskID, hostID: queue.host.id, from: from, limit: headLimit, promotionCount: promotionCount))
      } else {
        blind.append(queue)
      }
    }
    queuesToRefill = []
    blindQueues += blind
    return requests
  }

  /// The rows that a refill read. `rows` nil: the read failed and is to be repeated.
  ///
  /// - Parameter isComplete: there are no rows behind the last of these.
  package func endRefill(_ request: RefillRequest, rows: [FrontierEntry]?, isComplete: Bool, now: Int64) {
    guard let host = hosts[request.hostID], let queue = host.queue(of: request.taskID), queue.isRefilling else {
      return
    }
    // A promotion that ran meanwhile may show its rows both here and in its own result.
    if let rows, request.promotionCount == promotionCount, promotionsUnderWay == 0 {
      queue.endRefill(rows, isComplete: isComplete, limit: headLimit)
    } else {
      queue.abandonRefill()
    }
    schedule(host, now: now)
    noteRefill(queue)
    if queue.isIdle { retire(queue) }
  }

  // MARK: Delayed URLs

  /// A promotion of delayed rows to ready begins: no head is refilled until its rows are brought.
  package func beginPromotion() {
    promotionsUnderWay += 1
    promotionCount += 1
  }

  /// The rows that became ready; nil if it failed.
  package func endPromotion(_ entries: [FrontierEntry]?, now: Int64) {
    promotionsUnderWay -= 1
    for entry in entries ?? [] { enqueueStored(entry, now: now) }
  }

  // MARK: Hosts beyond those in memory

  static let dormantRetryInterval: Int64 = 1_000_000

  /// The task may have ready rows on hosts that are not in memory (it was just loaded).
  package func noteStoredHosts(task taskID: Int64) {
    tasks[taskID]?.hasDormantHosts = true
    tasks[taskID]?.isTakingUp = true
  }

  /// After a start, nobody knows at first which tasks have URLs on a host, and so whose delays hold there. This is the
  /// time until which a host that was not asked yet is left alone for that reason, or an earlier one at which to look
  /// again; nil when there is no such task.
  func waitForTakeUp(_ host: Host, now: Int64) -> Int64? {
    guard let takenUpAt, host.clock.goesByEarlierStart else { return nil }
    var end = Int64.min
    for task in runningTasks where task.isTakingUp && host.queue(of: task.id) == nil {
      end = max(end, takenUpAt + task.settings.delay)
    }
    return end > now ? min(end, now + Self.asidePause) : nil
  }

  /// Reads of hosts that are due now: there is room, and a running task has hosts that are not in memory.
  package func activationsDue(now: Int64) -> [ActivationRequest] {
    var requests: [ActivationRequest] = []
    for task in runningTasks where task.hasDormantHosts && !task.isActivating && task.dormantRetryTime <= now {
      let room = limits.maxActiveHosts - hosts.count + idleHosts.count
      guard room > 0 else {
        task.dormantRetryTime = now + Self.dormantRetryInterval
        continue
      }
      task.isActivating = true
      task.hasDormantHosts = false
      if task.dormantCursor == 0 { task.dormantAgain = false }
      requests.append(
        ActivationRequest(taskID: task.id, afterHostID: task.dormantCursor, limit: min(room, 256)))
    }
    return requests
  }

  /// The hosts that an activation read; nil if it failed.
  package func endActivation(_ request: ActivationRequest, hosts rows: [StoredHost]?, now: Int64) {
    guard let task = tasks[request.taskID] else { return }
    task.isActivating = false
    guard let rows else {
      task.hasDormantHosts = true
      return
    }
    var activated = true
    for row in rows {
      guard let host = hosts[row.id] ?? makeHost(row, now: now) else {
        activated = false
        task.dormantRetryTime = now + Self.dormantRetryInterval
        break
      }
      task.dormantCursor = row.id
      takeOver(row, host)
      // A queue that is there already may be so for URLs offered since, and know nothing of these rows; what it does know
      // is recognised when they are read.
      let queue = queue(of: task, on: host)
      queue.noteStoredRows(from: row.firstKey)
      configureClock(host)
      noteRefill(queue)
    }
    let isComplete = rows.count < request.limit && activated
    if isComplete {
      task.isTakingUp = false
      // Hosts before the cursor may have got work since they were passed.
      if task.dormantAgain { task.hasDormantHosts = true }
      task.dormantCursor = 0
    } else {
      task.hasDormantHosts = true
    }
  }

  /// What the row knows of a host that came into memory without it.
  func takeOver(_ row: StoredHost, _ host: Host) {
    guard case .unknown = host[robotsOf: 0] else { return }
    host[robotsOf: 0] = row.robots
    if host.lastRead(of: 0) == nil, let read = row.lastRead { host.note(read, of: 0) }
    noteRules(of: host)
  }
}
