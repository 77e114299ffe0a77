/// A URL that a rule has excluded, and what named it first.
package struct ExcludedURL: Sendable, Equatable {
  package var id: Int64
  package var url: String
  /// The rule.
  package var reason: String
  package var depth: Int
  package var redirects: Int
  package var priority: Int
  package var viaURLID: Int64?
  /// With which links that page names it.
  package var links: [Link] = []
  /// That is a page: it has a row in `pages`.
  package var viaIsPage = false
  /// What that page's meta robots says.
  package var viaRobots: String?
  /// The priority of that page's row.
  package var viaPriority: Int?
  /// That page waits for its visit, be it again: a part of what it names may be stored, and the links not yet.
  package var viaIsPending = false
  /// The handler that has dropped it.
  package var droppedBy: String?
  /// What named it first.
  package var via: String?

  package struct Link: Sendable, Equatable {
    package var kind: String
    package var rel: String?
  }
}

extension Store {
  /// Of a task's URLs that are excluded for a reason, those with larger ids, smallest first. Cost: O(limit · log rows).
  package func excludedURLs(
    taskID: Int64, reason: String, after position: Int64, limit: Int
  ) async throws -> [ExcludedURL] {
    try await read { database in
      let row = try database.statement(
        """
        SELECT \(Self.excludedColumns) FROM urls u INDEXED BY urls_reason
        WHERE u.task_id = ?1 AND u.state = 'excluded' AND u.reason = ?2 AND u.id > ?3 ORDER BY u.id LIMIT ?4
        """)
      defer { row.reset() }
      row.bind(1, taskID)
      row.bind(2, reason)
      row.bind(3, position)
      row.bind(4, Int64(limit))
      var urls: [ExcludedURL] = []
      while try row.step() { urls.append(Self.excludedURL(row)) }
      try Self.addLinks(to: &urls, database)
      return urls
    }
  }

  /// Those of a task's URLs of these ids that are excluded, in the order of these. Cost: O(ids · log rows).
  package func excludedURLs(taskID: Int64, ids: [Int64]) async throws -> [ExcludedURL] {
    try await read { database in
      let row = try database.statement(
        "SELECT \(Self.excludedColumns) FROM urls u WHERE u.id = ?1 AND u.task_id = ?2 AND u.state = 'excluded'")
      defer { row.reset() }
      var urls: [ExcludedURL] = []
      for id in ids {
        row.bind(1, id)
        row.bind(2, taskID)
        if try row.step() { urls.append(Self.excludedURL(row)) }
        row.reset()
      }
      try Self.addLinks(to: &urls, database)
      return urls
    }
  }

  private static let excludedColumns = """
    u.id, u.url, u.reason, u.depth, u.redirects, u.priority, u.via_url_id,
      (SELECT p.robots FROM pages p WHERE p.url_id = u.via_url_id ORDER BY p.run_id DESC LIMIT 1),
      (SELECT v.priority FROM urls v WHERE v.id = u.via_url_id),
      (SELECT h.handler FROM handler_verdicts h
        WHERE h.task_id = u.task_id AND h.url = u.url AND (h.verdict = 'drop' OR u.reason = 'handler')),
      EXISTS (SELECT 1 FROM urls v WHERE v.id = u.via_url_id AND v.state IN ('ready', 'delayed')),
      (SELECT v.url FROM urls v WHERE v.id = u.via_url_id),
      EXISTS (SELECT 1 FROM pages p WHERE p.url_id = u.via_url_id)
    """

  private static func excludedURL(_ row: Statement) -> ExcludedURL {
    ExcludedURL(
      id: row.integer(0), url: row.text(1), reason: row.text(2), depth: row.count(3), redirects: row.count(4),
      priority: row.count(5), viaURLID: row.integerOrNil(6), viaIsPage: row.integer(12) == 1,
      viaRobots: row.textOrNil(7), viaPriority: row.countOrNil(8), viaIsPending: row.integer(10) == 1,
      droppedBy: row.textOrNil(9), via: row.textOrNil(11))
  }

  private static func addLinks(to urls: inout [ExcludedURL], _ database: Database) throws {
    let link = try database.statement("SELECT kind, rel FROM links WHERE source_url_id = ? AND target_url_id = ?")
    defer { link.reset() }
    for index in urls.indices {
      guard let via = urls[index].viaURLID else { continue }
      link.bind(1, via)
      link.bind(2, urls[index].id)
      while try link.step() {
        urls[index].links.append(ExcludedURL.Link(kind: link.text(0), rel: link.textOrNil(1)))
      }
      link.reset()
    }
  }

  /// The settings of a task that were changed since it was added, in alphabetical order.
  package func changedSettings(taskID: Int64) async throws -> [String] {
    try await read { database in
      let row = try database.statement(
        """
        SELECT DISTINCT s.key FROM task_events e, json_each(e.changes) s
        WHERE e.task_id = ? AND e.action = 'set' ORDER BY s.key
        """)
      defer { row.reset() }
      row.bind(1, taskID)
      var names: [String] = []
      while try row.step() { names.append(row.text(0)) }
      return names
    }
  }

  /// For which reasons URLs of a task are excluded, in alphabetical order. Cost: O(reasons · log rows).
  package func exclusionReasons(taskID: Int64) async throws -> [String] {
    try await answer { database in
      let row = try database.statement(
        """
        SELECT min(reason) FROM urls INDEXED BY urls_reason WHERE task_id = ?1 AND state = 'excluded' AND reason > ?2
        """)
      defer { row.reset() }
      var reasons: [String] = []
      while true {
        row.bind(1, taskID)
        row.bind(2, reasons.last ?? "")
        guard try row.step(), let reason = row.textOrNil(0) else { return reasons }
        reasons.append(reason)
        row.reset()
      }
    }
  }
}
