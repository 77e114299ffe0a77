/// A row of `handler_verdicts`: what a handler made of a URL that a visit found.
package struct HandlerVerdictRecord: Sendable, Equatable {
  package enum Verdict: String, Sendable {
    case drop, rewrite
  }

  package var url: String
  package var handler: String
  package var verdict: Verdict
  /// The handler's own, or the URL that was offered instead.
  package var words: String
  package var sourceURLID: Int64

  package init(url: String, handler: String, verdict: Verdict, words: String, sourceURLID: Int64) {
    self.url = url
    self.handler = handler
    self.verdict = verdict
    self.words = words
    self.sourceURLID = sourceURLID
  }
}

/// What a handler had offered instead of a URL.
package struct HandlerRewrite: Sendable, Equatable {
  package struct Place: Sendable {
    package var taskID: Int64
    package var url: String

    package init(taskID: Int64, url: String) {
      self.taskID = taskID
      self.url = url
    }
  }

  package var url: String
  package var handler: String
  package var offered: String
}

/// A row of `handler_failures`: a call of a handler that brought no answer.
package struct HandlerFailureRecord: Sendable, Equatable {
  /// The URL whose visit it was part of.
  package var urlID: Int64?
  package var handler: String
  package var kind: String
  /// Microseconds since 1970 UTC.
  package var at: Int64
  package var reason: String
  package var detail: String

  package init(urlID: Int64?, handler: String, kind: String, at: Int64, reason: String, detail: String) {
    self.urlID = urlID
    self.handler = handler
    self.kind = kind
    self.at = at
    self.reason = reason
    self.detail = detail
  }
}

extension VisitRecord {
  var hasWorkOfHandlers: Bool { !(handlerVerdicts.isEmpty && liftedDrops.isEmpty && handlerFailures.isEmpty) }
}

/// Failed calls of one task's handler that share a reason.
package struct HandlerFailureCount: Sendable, Equatable {
  package var handler: String
  package var kind: String
  package var reason: String
  package var count: Int
}

/// The statements that write what handlers did, compiled when they are needed first.
final class HandlerStatements {
  private let verdict: Statement
  private let lift: Statement
  private let failure: Statement

  init(_ database: Database) throws(StoreError) {
    verdict = try database.statement(
      """
      INSERT OR IGNORE INTO handler_verdicts (task_id, url, handler, verdict, words, source_url_id)
      VALUES (?, ?, ?, ?, ?, ?)
      """)
    lift = try database.statement(
      "DELETE FROM handler_verdicts WHERE task_id = ? AND url = ? AND verdict = 'drop'")
    failure = try database.statement(
      """
      INSERT INTO handler_failures (task_id, url_id, handler, kind, at, reason, detail) VALUES (?, ?, ?, ?, ?, ?, ?)
      """)
  }

  func write(_ visit: VisitRecord) throws(StoreError) {
    for url in visit.liftedDrops {
      lift.bind(1, visit.taskID)
      lift.bind(2, url)
      try lift.run()
    }
    for record in visit.handlerVerdicts {
      verdict.bind(1, visit.taskID)
      verdict.bind(2, record.url)
      verdict.bind(3, record.handler)
      verdict.bind(4, record.verdict.rawValue)
      verdict.bind(5, record.words)
      verdict.bind(6, record.sourceURLID)
      try verdict.run()
    }
    for record in visit.handlerFailures {
      failure.bind(1, visit.taskID)
      failure.bind(2, record.urlID)
      failure.bind(3, record.handler)
      failure.bind(4, record.kind)
      failure.bind(5, record.at)
      failure.bind(6, record.reason)
      failure.bind(7, record.detail)
      try failure.run()
    }
  }
}

extension Store {
  /// What handlers made of a URL in this spelling, by task. Cost: a look-up by index for each task.
  package func handlerVerdicts(of url: String, tasks: [Int64]) async throws -> [(taskID: Int64, HandlerVerdictRecord)] {
    try await answer { database in
      let row = try database.statement(
        """
        SELECT task_id, handler, verdict, words, source_url_id FROM handler_verdicts
        WHERE task_id IN (SELECT value FROM json_each(?1)) AND url = ?2 ORDER BY task_id
        """)
      defer { row.reset() }
      row.bind(1, "[\(tasks.map(String.init).joined(separator: ","))]")
      row.bind(2, url)
      var found: [(taskID: Int64, HandlerVerdictRecord)] = []
      while try row.step() {
        guard let verdict = HandlerVerdictRecord.Verdict(rawValue: row.text(2)) else { continue }
        let record = HandlerVerdictRecord(
          url: url, handler: row.text(1), verdict: verdict, words: row.text(3), sourceURLID: row.integer(4))
        found.append((row.integer(0), record))
      }
      return found
    }
  }

  /// The rewrites of a task, by URL, of those behind this one. Cost: O(rows that are looked at).
  package func rewrites(taskID: Int64, after url: String, limit: Int) async throws -> [HandlerRewrite] {
    try await read { try Self.rewrites($0, taskID: taskID, from: url, ">", limit: limit) }
  }

  /// For each of these places the rewrites of its task from its URL on. Cost: as above.
  package func rewrites(from places: [HandlerRewrite.Place], limit: Int) async throws -> [[HandlerRewrite]] {
    try await read { database in
      try places.map { try Self.rewrites(database, taskID: $0.taskID, from: $0.url, ">=", limit: limit) }
    }
  }

  /// The tasks of whose URLs handlers dropped or rewrote some. Cost: O(log rows) for each of them.
  package func tasksWithVerdicts() async throws -> Set<Int64> {
    try await read { database in
      let row = try database.statement(
        """
        WITH RECURSIVE found (task_id) AS (
          SELECT min(task_id) FROM handler_verdicts
          UNION ALL
          SELECT (SELECT min(task_id) FROM handler_verdicts WHERE task_id > found.task_id) FROM found
          WHERE found.task_id IS NOT NULL
        )
        SELECT task_id FROM found WHERE task_id IS NOT NULL
        """)
      defer { row.reset() }
      var ids: Set<Int64> = []
      while try row.step() { ids.insert(row.integer(0)) }
      return ids
    }
  }

  private static func rewrites(
    _ database: Database, taskID: Int64, from url: String, _ comparison: String, limit: Int
  ) throws -> [HandlerRewrite] {
    let row = try database.statement(
      """
      SELECT url, handler, words FROM handler_verdicts
      WHERE task_id = ?1 AND url \(comparison) ?2 AND verdict = 'rewrite' ORDER BY url LIMIT ?3
      """)
    defer { row.reset() }
    row.bind(1, taskID)
    row.bind(2, url)
    row.bind(3, limit)
    var rewrites: [HandlerRewrite] = []
    while try row.step() {
      rewrites.append(HandlerRewrite(url: row.text(0), handler: row.text(1), offered: row.text(2)))
    }
    return rewrites
  }

  /// A task's failed calls by handler, kind and reason. Cost: O(failed calls of the task).
  package func handlerFailureCounts(taskID: Int64) async throws -> [HandlerFailureCount] {
    try await answer { database in
      let row = try database.statement(
        """
        SELECT handler, kind, reason, count(*) FROM handler_failures WHERE task_id = ? GROUP BY 1, 2, 3
        ORDER BY 4 DESC, 1, 2, 3
        """)
      defer { row.reset() }
      row.bind(1, taskID)
      var counts: [HandlerFailureCount] = []
      while try row.step() {
        counts.append(
          HandlerFailureCount(handler: row.text(0), kind: row.text(1), reason: row.text(2), count: row.count(3)))
      }
      return counts
    }
  }
}
