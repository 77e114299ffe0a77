extension URLRecord {
  /// Whether all attempts were in vain.
  package var isInVain: Bool {
    Store.kindsInVain.contains { $0.state == state && ($0.reason == nil || $0.reason == reason) }
  }
}

/// URLs that are to be tried again because all attempts were in vain: those that failed, those that are done because the
/// last answer was a server's error (`server_error`, `rate_limited`), and those whose address was refused, since the daemon's
/// configuration may allow it by now.
extension Store {
  /// A change of a task's state that goes with it: an ended task runs again.
  package struct Resumption: Sendable {
    package var runID: Int64
    package var state: String
    package var desiredState: String
    package var event: TaskEventRecord

    package init(runID: Int64, state: String, desiredState: String, event: TaskEventRecord) {
      self.runID = runID
      self.state = state
      self.desiredState = desiredState
      self.event = event
    }
  }

  /// Those URLs by state and reason; nil: whatever the reason.
  fileprivate static let kindsInVain: [(state: URLState, reason: String?)] = [
    (.failed, nil), (.done, "rate_limited"), (.done, "server_error"), (.excluded, "address_refused"),
  ]

  /// The same of a row.
  private static let isInVain =
    "("
    + kindsInVain.map { kind in "state = '\(kind.state)'" + (kind.reason.map { " AND reason = '\($0)'" } ?? "") }
    .joined(separator: " OR ") + ")"

  /// Where a walk over such URLs of a task is: they come by state and reason.
  package struct InVainPosition: Sendable {
    fileprivate var place = 0
    fileprivate var reason = ""
    fileprivate var id: Int64 = 0
    fileprivate let fetchID: Int64

    /// - Parameter fetchID: URLs that have this fetch or a later one are left out: they were tried again since.
    package init(before fetchID: Int64) { self.fetchID = fetchID }

    fileprivate func next() -> InVainPosition {
      var position = InVainPosition(before: fetchID)
      position.place = place + 1
      return position
    }
  }

  /// The next such URLs of a task with their hosts, at most `limit`; nil at the end. O(limit).
  package func urlsInVain(
    taskID: Int64, after position: inout InVainPosition, limit: Int = 5_000
  ) async throws -> [(id: Int64, hostID: Int64?)]? {
    while position.place < Self.kindsInVain.count {
      let kind = Self.kindsInVain[position.place]
      let (reason, id, fetchID) = (max(position.reason, kind.reason ?? ""), position.id, position.fetchID)
      let rows = try await read { database in
        let row = try database.statement(
          """
          SELECT id, host_id, reason FROM urls INDEXED BY urls_reason WHERE task_id = ?1 AND state = ?2
            AND reason IS NOT NULL AND (reason, id) > (?3, ?4) AND reason <= ?5
            AND NOT EXISTS (SELECT 1 FROM fetches f WHERE f.url_id = urls.id AND f.id >= ?7)
          ORDER BY reason, id LIMIT ?6
          """)
        defer { row.reset() }
        row.bind(1, taskID)
        row.bind(2, kind.state.rawValue)
        row.bind(3, reason)
        row.bind(4, id)
        // Every reason is of ASCII letters, and sorts before that.
        row.bind(5, kind.reason ?? "~")
        row.bind(6, limit)
        row.bind(7, fetchID)
        var rows: [(id: Int64, hostID: Int64?, reason: String)] = []
        while try row.step() { rows.append((row.integer(0), row.integerOrNil(1), row.text(2))) }
        return rows
      }
      if let last = rows.last {
        (position.reason, position.id) = (last.reason, last.id)
        return rows.map { ($0.id, $0.hostID) }
      }
      position = position.next()
    }
    return nil
  }

  /// Makes those of the URLs delayed until `time`, as if they had never been tried: an answer that such a URL had is no
  /// longer final, and does not count against the quota. A `resumption` is stored in the same transaction, if any URL is
  /// tried again, with that time as `retried_at`.
  ///
  /// - Returns: what it does to the task's counters, which are changed; nothing when there was none.
  /// - Throws: `.failing` while commits fail; nothing is changed then.
  package func retry(
    _ ids: [Int64], taskID: Int64, at time: Int64, resumption: Resumption? = nil
  ) async throws -> CounterDelta {
    try await ordered { writer in
      let row = try writer.database.statement(
        """
        UPDATE urls SET state = 'delayed', due_at = ?2, attempts = 0 WHERE id = ?1 AND task_id = ?3 AND state = ?4 \
        AND \(Self.isInVain)
        """)
      var delta = CounterDelta()
      for id in ids {
        for state in [URLState.failed, .done, .excluded] {
          row.bind(1, id)
          row.bind(2, time)
          row.bind(3, taskID)
          row.bind(4, state.rawValue)
          try row.run()
          guard writer.database.changes > 0 else { continue }
          delta.move(from: state, to: .delayed)
          if state == .done { delta.finalAnswers -= 1 }
        }
      }
      if delta.delayed == 0 { return delta }
      try writer.add(delta, to: taskID)
      if let resumption { try Self.resume(taskID, resumption, at: time, writer) }
      return delta
    }
  }

  private static func resume(_ taskID: Int64, _ resumption: Resumption, at time: Int64, _ writer: Writer) throws {
    let run = try writer.database.statement("UPDATE runs SET finished_at = NULL WHERE id = ?")
    run.bind(1, resumption.runID)
    try run.run()
    let task = try writer.database.statement(
      """
      UPDATE tasks SET state = ?2, desired_state = ?3, reason = NULL, finished_at = NULL, retried_at = ?4 WHERE id = ?1
      """)
    task.bind(1, taskID)
    task.bind(2, resumption.state)
    task.bind(3, resumption.desiredState)
    task.bind(4, time)
    try task.run()
    try insert(resumption.event, writer.database)
  }
}
