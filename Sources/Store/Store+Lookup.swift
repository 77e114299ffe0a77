/// Answers to users about what is committed, read beside the crawl. Those that would take longer than
/// `StorePolicy.answerTime` throw `.tookTooLong`.
extension Store {
  /// One URL with its fate, its latest fetch and how it was found.
  package func url(id: Int64) async throws -> URLDetails? {
    try await answer { database in try Self.details(database, id) }
  }

  /// A URL by its fingerprint in each of some tasks; the first 100 rows by id.
  ///
  /// Cost: O(URLs known), since fingerprints have no index; who knows the id asks for that.
  package func urls(fingerprints: [Int64: UInt64]) async throws -> [URLDetails] {
    let distinct = Set(fingerprints.values).map { String(Int64(bitPattern: $0)) }
    return try await answer { database in
      let row = try database.statement(
        "SELECT id, task_id, fingerprint FROM urls WHERE fingerprint IN (SELECT value FROM json_each(?)) ORDER BY id")
      defer { row.reset() }
      row.bind(1, "[\(distinct.joined(separator: ","))]")
      var found: [URLDetails] = []
      while found.count < 100, try row.step() {
        guard fingerprints[row.integer(1)] == row.bits(2) else { continue }
        if let details = try Self.details(database, row.integer(0)) { found.append(details) }
      }
      return found
    }
  }

  /// One host, with its clock and, if that is short, its robots.txt, after everything that was appended so far.
  package func host(id: Int64) async throws -> HostRecord? {
    try await orderedRead { try Self.host(id: id, HostRecord.columnsWithShortText, $0) }
  }

  /// The text of a host's robots.txt, of any length, after everything that was appended so far; nil when it has none.
  package func robotsText(hostID: Int64) async throws -> [UInt8]? {
    try await flush()
    return try await read { database in
      let row = try database.statement("SELECT robots_text FROM hosts WHERE id = ? AND robots_state = 'known'")
      defer { row.reset() }
      row.bind(1, hostID)
      return try row.step() ? row.blobOrNil(0) : nil
    }
  }

  /// One host as it is committed, whatever waits to be.
  package func committedHost(id: Int64) async throws -> HostRecord? {
    try await answer { try Self.host(id: id, HostRecord.columns, $0) }
  }

  private static func host(id: Int64, _ columns: String, _ database: Database) throws -> HostRecord? {
    let row = try database.statement("SELECT \(columns) FROM hosts WHERE id = ?")
    defer { row.reset() }
    row.bind(1, id)
    return try row.step() ? HostRecord(row) : nil
  }

  /// How many ready URLs each of these tasks has on a host, those that have any.
  ///
  /// Cost: O(those URLs), by the index on ready URLs.
  package func readyURLs(hostID: Int64, tasks: [Int64]) async throws -> [(taskID: Int64, count: Int)] {
    try await answer { database in
      let row = try database.statement(
        "SELECT count(*) FROM urls INDEXED BY urls_ready WHERE state = 'ready' AND task_id = ?1 AND host_id = ?2")
      return try tasks.compactMap { task in
        defer { row.reset() }
        row.bind(1, task)
        row.bind(2, hostID)
        let count = try row.step() ? row.count(0) : 0
        return count == 0 ? nil : (task, count)
      }
    }
  }

  /// The latest fetch of a host's robots.txt that could not be read; nil when every one could. If a task has such a fetch itself,
  /// it is that one: another task may have asked with other words, or by another way.
  ///
  /// Cost: O(fetches of any robots.txt since then); with a task that has none itself, of all.
  package func latestRobotsFailure(hostID: Int64, taskID: Int64? = nil) async throws -> FetchSummary? {
    try await answer { database in
      let row = try database.statement(
        """
        SELECT \(FetchSummary.columns) FROM fetches f INDEXED BY fetches_url LEFT JOIN urls u ON u.id = f.url_id
        LEFT JOIN hosts h ON h.id = f.host_id WHERE f.url_id IS NULL AND f.host_id = ?1
          AND f.task_id = coalesce(?2, f.task_id) AND f.outcome NOT IN ('ok', 'client_error', 'gone')
        ORDER BY f.id DESC LIMIT 1
        """)
      defer { row.reset() }
      for asker in taskID == nil ? [nil] : [taskID, nil] {
        row.reset()
        row.bind(1, hostID)
        row.bind(2, asker)
        if try row.step() { return FetchSummary(row) }
      }
      return nil
    }
  }

  /// A task's latest fetches without a good answer, the newest first. A robots.txt that is not there (4xx) is none of them: it
  /// allows everything (RFC 9309, section 2.3.1.3).
  ///
  /// Cost: O(limit) for each outcome that it has, at most 1,000 fetches where hosts have no robots.txt.
  package func recentErrors(taskID: Int64, limit: Int = 20) async throws -> [FetchSummary] {
    try await answer { database in
      let row = try database.statement(
        """
        WITH RECURSIVE outcomes (outcome) AS (
          SELECT min(outcome) FROM fetches WHERE task_id = ?1 AND outcome <> 'ok'
          UNION ALL
          SELECT (SELECT min(n.outcome) FROM fetches n
                  WHERE n.task_id = ?1 AND n.outcome <> 'ok' AND n.outcome > outcomes.outcome)
          FROM outcomes WHERE outcome IS NOT NULL
        )
        SELECT \(FetchSummary.columns) FROM outcomes JOIN fetches f ON f.id IN (
          SELECT id FROM (
            SELECT latest.id, latest.url_id FROM fetches latest
            WHERE latest.task_id = ?1 AND latest.outcome = outcomes.outcome AND latest.outcome <> 'ok'
            ORDER BY latest.id DESC LIMIT 1000)
          WHERE url_id IS NOT NULL OR outcomes.outcome NOT IN ('client_error', 'gone')
          ORDER BY id DESC LIMIT ?2
        )
        LEFT JOIN urls u ON u.id = f.url_id LEFT JOIN hosts h ON h.id = f.host_id
        WHERE outcomes.outcome NOT IN ('not_modified', 'redirected') ORDER BY f.id DESC LIMIT ?2
        """)
      defer { row.reset() }
      row.bind(1, taskID)
      row.bind(2, limit)
      var errors: [FetchSummary] = []
      while try row.step() { errors.append(FetchSummary(row)) }
      return errors
    }
  }

  /// A task's fetches by outcome, those of robots.txt among them. Cost: O(fetches that were not ok), by their own index.
  package func outcomeCounts(taskID: Int64) async throws -> [String: Int] {
    try await answer { database in
      let row = try database.statement(
        "SELECT outcome, count(*) FROM fetches WHERE task_id = ? AND outcome <> 'ok' GROUP BY 1")
      defer { row.reset() }
      row.bind(1, taskID)
      var counts: [String: Int] = [:]
      while try row.step() { counts[row.text(0)] = row.count(1) }
      let ok = try Self.counters(database, taskID: taskID).fetches &- counts.values.reduce(0, &+)
      if ok > 0 { counts["ok"] = ok }
      return counts
    }
  }

  /// A task's URLs by state and reason, those first of which there are most. Cost: O(URLs with a reason), by their own index.
  package func reasonCounts(taskID: Int64) async throws -> [ReasonCount] {
    try await answer { database in
      let row = try database.statement(
        "SELECT state, reason, count(*) FROM urls WHERE task_id = ? AND reason IS NOT NULL GROUP BY 1, 2")
      defer { row.reset() }
      row.bind(1, taskID)
      var counts: [ReasonCount] = []
      var rest = try Self.counters(database, taskID: taskID)
      while try row.step() {
        guard let state = URLState(rawValue: row.text(0)) else { continue }
        counts.append(ReasonCount(state: state, reason: row.text(1), count: row.count(2)))
        rest[state] &-= row.count(2)
      }
      for state in URLState.allCases where rest[state] > 0 {
        counts.append(ReasonCount(state: state, reason: nil, count: rest[state]))
      }
      return counts.sorted { $0.count > $1.count }
    }
  }

  private static func counters(_ database: Database, taskID: Int64) throws -> CounterDelta {
    let row = try database.statement("SELECT \(counterColumns) FROM task_counters c WHERE c.task_id = ?")
    defer { row.reset() }
    row.bind(1, taskID)
    return try row.step() ? counters(row, from: 0) : CounterDelta()
  }

  /// A task's seeds by id, after one of them (0: from the beginning). Cost: O(limit), by their own index.
  package func seedURLs(taskID: Int64, after urlID: Int64 = 0, limit: Int = 10_000) async throws -> [URLRecord] {
    try await orderedRead { database in
      try Self.seeds(database, taskID: taskID, after: urlID, limit: limit)
    }
  }

  /// A task's first seeds by id, for a user's question: they are there as long as the task is.
  package func firstSeedURLs(taskID: Int64, limit: Int) async throws -> [URLRecord] {
    try await answer { database in try Self.seeds(database, taskID: taskID, after: 0, limit: limit) }
  }

  private static func seeds(_ database: Database, taskID: Int64, after urlID: Int64, limit: Int) throws -> [URLRecord] {
    let row = try database.statement(
      """
      SELECT \(URLRecord.columns) FROM urls INDEXED BY urls_seeds
      WHERE via_url_id IS NULL AND task_id = ? AND id > ? AND depth = 0 ORDER BY id LIMIT ?
      """)
    defer { row.reset() }
    row.bind(1, taskID)
    row.bind(2, urlID)
    row.bind(3, limit)
    var seeds: [URLRecord] = []
    while try row.step() { if let seed = URLRecord(row) { seeds.append(seed) } }
    return seeds
  }

  private static func details(_ database: Database, _ id: Int64) throws -> URLDetails? {
    let row = try database.statement(
      """
      SELECT \(URLRecord.columns), (SELECT name FROM tasks WHERE id = task_id), \
      (SELECT title FROM pages p WHERE p.url_id = urls.id ORDER BY run_id DESC LIMIT 1), \
      (SELECT links_truncated FROM pages p WHERE p.url_id = urls.id ORDER BY run_id DESC LIMIT 1) FROM urls WHERE id = ?
      """)
    row.bind(1, id)
    defer { row.reset() }
    guard try row.step(), let record = URLRecord(row) else { return nil }
    let fetch = try database.statement(
      """
      SELECT \(FetchSummary.columns) FROM fetches f LEFT JOIN urls u ON u.id = f.url_id
      LEFT JOIN hosts h ON h.id = f.host_id WHERE f.url_id = ? ORDER BY f.id DESC LIMIT 1
      """)
    fetch.bind(1, id)
    defer { fetch.reset() }
    let lastFetch = try fetch.step() ? FetchSummary(fetch) : nil
    var details = URLDetails(
      record: record, taskName: row.text(URLRecord.columnCount), lastFetch: lastFetch,
      title: row.textOrNil(URLRecord.columnCount + 1), via: try via(database, record),
      linkKinds: try linkKinds(database, record))
    details.linksTruncated = row.integerOrNil(URLRecord.columnCount + 2) == 1
    if record.reason == "redirected" { details.redirectsNowhere = try redirectsNowhere(database, id) }
    if record.reason == "handler" { details.handlerVerdict = try handlerVerdict(database, record) }
    return details
  }

  private static func redirectsNowhere(_ database: Database, _ id: Int64) throws -> Bool {
    let row = try database.statement("SELECT \(Schema.endsNowhere("urls")) FROM urls WHERE id = ?")
    defer { row.reset() }
    row.bind(1, id)
    return try row.step() && row.integer(0) == 1
  }

  private static func handlerVerdict(_ database: Database, _ record: URLRecord) throws -> HandlerVerdictRecord? {
    let row = try database.statement(
      """
      SELECT handler, words, source_url_id FROM handler_verdicts WHERE task_id = ? AND url = ? AND verdict = 'drop'
      """)
    defer { row.reset() }
    row.bind(1, record.taskID)
    row.bind(2, record.url)
    guard try row.step() else { return nil }
    return HandlerVerdictRecord(
      url: record.url, handler: row.text(0), verdict: .drop, words: row.text(1), sourceURLID: row.integer(2))
  }

  private static func linkKinds(_ database: Database, _ record: URLRecord) throws -> [String] {
    guard let source = record.viaURLID else { return [] }
    let row = try database.statement("SELECT kind FROM links WHERE source_url_id = ? AND target_url_id = ?")
    defer { row.reset() }
    row.bind(1, source)
    row.bind(2, record.id)
    var kinds: [String] = []
    while try row.step() { kinds.append(row.text(0)) }
    return kinds
  }

  private static func via(_ database: Database, _ record: URLRecord) throws -> [String] {
    let row = try database.statement("SELECT url, via_url_id FROM urls WHERE id = ?")
    defer { row.reset() }
    var chain: [String] = []
    var next = record.viaURLID
    while let id = next, chain.count < 32 {
      row.reset()
      row.bind(1, id)
      guard try row.step() else { break }
      chain.append(row.text(0))
      next = row.integerOrNil(1)
    }
    return chain
  }
}

extension URLRecord {
  static let columns = """
    id, task_id, host_id, url, fingerprint, depth, redirects, priority, state, reason, due_at, attempts, via_url_id, \
    discovered_at, run_id
    """
  static let columnCount: Int32 = 15

  /// A row of `columns`; `nil` when a later program wrote a state that this one does not know.
  init?(_ row: Statement) {
    guard let state = URLState(rawValue: row.text(8)) else { return nil }
    self.init(
      id: row.integer(0), taskID: row.integer(1), hostID: row.integerOrNil(2), url: row.text(3),
      fingerprint: row.bits(4), depth: row.count(5), redirects: row.count(6), priority: row.count(7), state: state,
      reason: row.textOrNil(9), dueAt: row.integerOrNil(10), attempts: row.count(11), viaURLID: row.integerOrNil(12),
      discoveredAt: row.integer(13), runID: row.integer(14))
  }
}
