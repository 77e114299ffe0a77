/// What the frontier asks. Unless said otherwise an answer comes after everything that was appended so far, since it is
/// asked about rows that may have been appended a moment ago.
extension Store {
  /// The next URLs of a host queue in order, strictly after a place; from its beginning when that is `nil`.
  ///
  /// Reads what is committed; the caller knows what it has appended since, and what it has taken: a URL in flight is
  /// still ready here.
  /// Cost: O(limit), by the index on ready URLs.
  package func readyURLs(taskID: Int64, hostID: Int64, after key: QueueKey?, limit: Int) async throws -> [ReadyURL] {
    try await read { database in
      let row = try database.statement(
        """
        SELECT \(ReadyURL.columns) FROM urls INDEXED BY urls_ready
        WHERE state = 'ready' AND task_id = ?1 AND host_id = ?2 AND (priority, depth, id) > (?3, ?4, ?5)
        ORDER BY priority, depth, id LIMIT ?6
        """)
      defer { row.reset() }
      row.bind(1, taskID)
      row.bind(2, hostID)
      row.bind(3, key.map { Int64($0.priority) } ?? .min)
      row.bind(4, key.map { Int64($0.depth) } ?? .min)
      row.bind(5, key?.id ?? .min)
      row.bind(6, limit)
      var urls: [ReadyURL] = []
      while try row.step() { urls.append(ReadyURL(row)) }
      return urls
    }
  }

  /// Hosts with ready URLs of a task, by host id, after one of them (0: from the beginning), each with its robots.txt if that
  /// is short.
  ///
  /// Cost: two look-ups per host, whatever their queues hold. They are no turn of the writer's, since what comes in a row
  /// behind a long robots.txt takes as many reads as that has pages.
  package func hostsWithReadyURLs(taskID: Int64, after hostID: Int64, limit: Int) async throws -> [ReadyHost] {
    try await flush()
    return try await read { database in
      let next = try database.statement(
        """
        SELECT host_id, priority, depth, id FROM urls INDEXED BY urls_ready
        WHERE state = 'ready' AND task_id = ?1 AND host_id > ?2 ORDER BY host_id, priority, depth, id LIMIT 1
        """)
      let host = try database.statement("SELECT \(HostRecord.columnsWithShortText) FROM hosts WHERE id = ?")
      defer { next.reset() }
      var found: [ReadyHost] = []
      var last = hostID
      while found.count < limit {
        next.reset()
        next.bind(1, taskID)
        next.bind(2, last)
        guard try next.step() else { break }
        last = next.integer(0)
        let first = QueueKey(priority: next.count(1), depth: next.count(2), id: next.integer(3))
        defer { host.reset() }
        host.bind(1, last)
        guard try host.step() else { continue }
        found.append(ReadyHost(host: HostRecord(host), first: first))
      }
      return found
    }
  }

  /// Makes delayed URLs ready whose time has come, the earliest first, and returns them.
  package func promoteDelayed(now: Int64, limit: Int) async throws -> [ReadyURL] {
    try await ordered(isPatient: true) { writer in
      let due = try writer.database.statement(
        """
        SELECT \(ReadyURL.columns) FROM urls INDEXED BY urls_delayed
        WHERE state = 'delayed' AND due_at <= ? ORDER BY due_at LIMIT ?
        """)
      defer { due.reset() }
      due.bind(1, now)
      due.bind(2, limit)
      var promoted: [ReadyURL] = []
      while try due.step() { promoted.append(ReadyURL(due)) }
      due.reset()
      let row = try writer.database.statement("UPDATE urls SET state = 'ready', due_at = NULL WHERE id = ?")
      var deltas: [Int64: CounterDelta] = [:]
      for url in promoted {
        row.bind(1, url.id)
        try row.run()
        deltas[url.taskID, default: CounterDelta()].move(from: .delayed, to: .ready)
      }
      for (taskID, delta) in deltas { try writer.add(delta, to: taskID) }
      return promoted
    }
  }

  /// The earliest due time of all delayed URLs.
  package func nextDueTime() async throws -> Int64? {
    try await orderedRead { database in
      try database.integer("SELECT min(due_at) FROM urls INDEXED BY urls_delayed WHERE state = 'delayed'")
    }
  }

  /// When the first of a task's delayed URLs is due on each host. Cost: O(delayed URLs).
  package func nextDelayed(taskID: Int64) async throws -> [(due: Int64, hostID: Int64?)] {
    try await answer { database in
      let row = try database.statement(
        """
        SELECT min(due_at), host_id FROM urls INDEXED BY urls_delayed WHERE state = 'delayed' AND task_id = ?
        GROUP BY host_id
        """)
      defer { row.reset() }
      row.bind(1, taskID)
      var first: [(due: Int64, hostID: Int64?)] = []
      while try row.step() { first.append((row.integer(0), row.integerOrNil(1))) }
      return first
    }
  }

  /// How many delayed URLs each task has on a host, and when the first is due. Cost: O(delayed URLs).
  package func delayed(hostID: Int64) async throws -> [(taskID: Int64, count: Int, due: Int64)] {
    try await answer { database in
      let row = try database.statement(
        """
        SELECT task_id, count(*), min(due_at) FROM urls INDEXED BY urls_delayed WHERE state = 'delayed' AND host_id = ?
        GROUP BY task_id ORDER BY task_id
        """)
      defer { row.reset() }
      row.bind(1, hostID)
      var delayed: [(taskID: Int64, count: Int, due: Int64)] = []
      while try row.step() { delayed.append((row.integer(0), row.count(1), row.integer(2))) }
      return delayed
    }
  }

  /// Brings due times that lie after a moment back to it, for a clock that was set back.
  ///
  /// - Returns: how many were changed.
  @discardableResult
  package func clampDelayed(latest: Int64) async throws -> Int {
    try await ordered(isPatient: true) { writer in
      let row = try writer.database.statement(
        "UPDATE urls SET due_at = ?1 WHERE state = 'delayed' AND due_at > ?1")
      row.bind(1, latest)
      try row.run()
      return writer.database.changes
    }
  }

  /// Sets until when hosts are blocked by a user (microseconds since 1970 UTC); nil lifts whatever blocks them.
  ///
  /// - Throws: `.failing`, at once, while commits fail.
  package func setBlock(hostIDs: [Int64], until: Int64?) async throws {
    try await ordered(isPatient: false) { writer in
      let row = try writer.database.statement(
        until == nil
          ? """
          UPDATE hosts SET user_blocked_until = ?2, blocked_until = NULL, block_reason = NULL, \
          next_fetch_at = CASE WHEN next_fetch_at >= blocked_until OR next_fetch_at >= user_blocked_until \
          THEN NULL ELSE next_fetch_at END WHERE id = ?1
          """ : "UPDATE hosts SET user_blocked_until = ?2 WHERE id = ?1")
      for id in hostIDs {
        row.bind(1, id)
        row.bind(2, until)
        try row.run()
      }
    }
  }

  /// Stores what users want of hosts, over what they wanted before.
  package func setHosts(_ settings: [HostSettingsRecord]) async throws {
    try await ordered(isPatient: false) { writer in
      let row = try writer.database.statement(
        "UPDATE hosts SET user_delay = ?2, user_concurrency = ?3, user_budget = ?4 WHERE id = ?1")
      for host in settings {
        row.bind(1, host.hostID)
        row.bind(2, host.delay)
        row.bind(3, host.concurrency)
        row.bind(4, host.budget)
        try row.run()
      }
    }
  }

  /// What users want of hosts. Cost: those of which they want something, by an index.
  package func hostSettings() async throws -> [HostSettingsRecord] {
    try await read { database in
      let row = try database.statement(
        """
        SELECT id, user_delay, user_concurrency, user_budget FROM hosts INDEXED BY hosts_set \
        WHERE user_delay IS NOT NULL OR user_concurrency IS NOT NULL OR user_budget IS NOT NULL
        """)
      defer { row.reset() }
      var settings: [HostSettingsRecord] = []
      while try row.step() {
        settings.append(
          HostSettingsRecord(
            hostID: row.integer(0), delay: row.integerOrNil(1), concurrency: row.countOrNil(2),
            budget: row.countOrNil(3)))
      }
      return settings
    }
  }

  /// The hosts that are blocked at a moment (microseconds since 1970 UTC). Cost: those that were blocked, by an index.
  package func blocks(at time: Int64) async throws -> [HostBlock] {
    try await read { database in
      let row = try database.statement(
        """
        SELECT id, blocked_until, block_reason, user_blocked_until FROM hosts INDEXED BY hosts_blocked \
        WHERE (blocked_until IS NOT NULL OR user_blocked_until IS NOT NULL) \
        AND (blocked_until > ?1 OR user_blocked_until > ?1)
        """)
      defer { row.reset() }
      row.bind(1, time)
      var blocks: [HostBlock] = []
      while try row.step() {
        blocks.append(
          HostBlock(
            hostID: row.integer(0), blockedUntil: row.integerOrNil(1), reason: row.textOrNil(2),
            userBlockedUntil: row.integerOrNil(3)))
      }
      return blocks
    }
  }

  /// Gives ready URLs of hosts another fate, e.g. `.failed` with `robots_unreachable`; the first in the queue first.
  ///
  /// - Parameter limit: at most this many in the one transaction; call again while it returns as many.
  /// - Returns: the ids of those that changed.
  package func excludeReadyURLs(
    taskID: Int64, hostIDs: [Int64], state: URLState, reason: String?, limit: Int = 5000
  ) async throws -> [Int64] {
    try await ordered(isPatient: true) { writer in
      let ready = try writer.database.statement(
        """
        SELECT id FROM urls INDEXED BY urls_ready WHERE state = 'ready' AND task_id = ? AND host_id = ?
        ORDER BY priority, depth, id LIMIT ?
        """)
      defer { ready.reset() }
      var ids: [Int64] = []
      for hostID in hostIDs where ids.count < limit {
        ready.bind(1, taskID)
        ready.bind(2, hostID)
        ready.bind(3, limit - ids.count)
        while try ready.step() { ids.append(ready.integer(0)) }
        ready.reset()
      }
      let row = try writer.database.statement("UPDATE urls SET state = ?2, reason = ?3, due_at = NULL WHERE id = ?1")
      var delta = CounterDelta()
      for id in ids {
        row.bind(1, id)
        row.bind(2, state.rawValue)
        row.bind(3, reason)
        try row.run()
        delta.move(from: .ready, to: state)
      }
      try writer.add(delta, to: taskID)
      return ids
    }
  }
}

extension HostRecord {
  static let columns: String = selection(text: "robots_text")

  /// As `columns`, with `robotsText` nil when it is longer than `shortText`. SQLite tells a value's length without reading it.
  static let columnsWithShortText: String = selection(
    text: "CASE WHEN length(robots_text) <= \(shortText) THEN robots_text END")

  private static func selection(text: String) -> String {
    """
    id, scheme, name, port, registrable_domain, \(text), robots_state, robots_fetched_at, robots_expires_at, \
    crawl_delay, next_fetch_at, blocked_until, block_reason, throttle_delay, robots_agent_id
    """
  }

  /// A row of `columns` or of `columnsWithShortText`.
  init(_ row: Statement) {
    self.init(
      id: row.integer(0), scheme: row.text(1), name: row.text(2), port: row.count(3),
      registrableDomain: row.textOrNil(4), robotsText: row.blobOrNil(5), robotsState: row.textOrNil(6),
      robotsFetchedAt: row.integerOrNil(7), robotsExpiresAt: row.integerOrNil(8), crawlDelay: row.integerOrNil(9),
      nextFetchAt: row.integerOrNil(10), blockedUntil: row.integerOrNil(11), blockReason: row.textOrNil(12),
      throttleDelay: row.integerOrNil(13))
    robotsAgentID = row.integerOrNil(14)
  }
}
