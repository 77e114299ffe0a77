/// What `crawlctl export` writes: one kind of row of every task or of one. It is read in windows of ids, each with a
/// statement of its own that has ended before anything of it is written, so that however long an export takes, no reader
/// keeps the write-ahead log from being cut. Ids that nothing has are passed over, however many they are: none is given twice.
package enum ExportTable: String, CaseIterable, Sendable {
  case pages, links, urls, fetches

  /// Ids of one window.
  package var window: Int64 { self == .links ? 1_000 : 10_000 }

  /// The rows with ids in (`:after`, `:until`], of the task named `:task`, or of every task when that is NULL.
  package var sql: String {
    switch self {
    case .pages:
      """
      SELECT * FROM v_pages WHERE url_id > :after AND url_id <= :until AND (:task IS NULL OR task = :task) ORDER BY url_id
      """
    case .links:
      """
      SELECT t.name AS task, source.url AS page, target.url AS link, l.kind, l.rel, l.anchor, l.position, l.count,
        l.source_url_id, l.target_url_id
      FROM links l
      JOIN urls source ON source.id = l.source_url_id
      JOIN urls target ON target.id = l.target_url_id
      JOIN tasks t ON t.id = source.task_id
      WHERE l.source_url_id > :after AND l.source_url_id <= :until AND (:task IS NULL OR t.name = :task)
      ORDER BY l.source_url_id, l.position
      """
    case .urls:
      """
      SELECT t.name AS task, u.url, u.state, u.reason, u.depth, u.redirects, u.attempts, via.url AS found_on,
        \(Schema.time("u.discovered_at")) AS discovered_at, u.id AS url_id
      FROM urls u
      JOIN tasks t ON t.id = u.task_id
      LEFT JOIN urls via ON via.id = u.via_url_id
      WHERE u.id > :after AND u.id <= :until AND (:task IS NULL OR t.name = :task)
      ORDER BY u.id
      """
    case .fetches:
      """
      SELECT t.name AS task, coalesce(u.url, h.scheme || '://' || h.name || ':' || h.port || '/robots.txt') AS url,
        f.url_id IS NULL AS robots, f.attempt, \(Schema.time("f.started_at")) AS started_at, f.status, f.outcome, f.error,
        f.change, f.redirect_to, f.content_type, f.content_encoding, f.wire_bytes, f.body_bytes, f.truncated,
        f.http_version, f.remote_address, f.proxy, f.tls_version, f.etag, f.last_modified, f.time_dns, f.time_connect,
        f.time_tls, f.time_first_byte, f.time_total, f.settings_revision, f.url_id, f.id AS fetch_id
      FROM fetches f
      JOIN tasks t ON t.id = f.task_id
      LEFT JOIN urls u ON u.id = f.url_id
      LEFT JOIN hosts h ON h.id = f.host_id
      WHERE f.id > :after AND f.id <= :until AND (:task IS NULL OR t.name = :task)
      ORDER BY f.id
      """
    }
  }

  /// The column with the id by which the rows are in order; several rows of `links` have the same.
  package var key: String {
    switch self {
    case .pages, .urls: "url_id"
    case .links: "source_url_id"
    case .fetches: "fetch_id"
    }
  }

  /// The row's own table, and the column with its id there.
  private var ids: (table: String, column: String) {
    switch self {
    case .pages: ("pages", "url_id")
    case .links: ("links", "source_url_id")
    case .urls: ("urls", "id")
    case .fetches: ("fetches", "id")
    }
  }

  /// An id before which no row is: the first one; of the task named `:task`, if it is that of a task alone, the first that it
  /// knows, which is a seed's. NULL when there is none. Of fetches it is the first of all. Cost: a look-up by index.
  package func firstID(ofTask isOfTask: Bool) -> String {
    guard isOfTask, self != .fetches else { return "SELECT min(\(ids.column)) FROM \(ids.table)" }
    return """
      SELECT min(id) FROM urls INDEXED BY urls_seeds
      WHERE via_url_id IS NULL AND task_id = (SELECT id FROM tasks WHERE name = :task)
      """
  }

  /// The first id after `:after`; NULL when there is none. Cost: a look-up by index.
  package var nextID: String { "SELECT min(\(ids.column)) FROM \(ids.table) WHERE \(ids.column) > :after" }

  /// How many rows the task named `:task` has by now; nil when that is not counted.
  package var count: String? {
    let column: String
    switch self {
    case .urls: column = "known"
    case .fetches: column = "fetches"
    case .pages, .links: return nil
    }
    return "SELECT \(column) FROM task_counters WHERE task_id = (SELECT id FROM tasks WHERE name = :task)"
  }

  /// The largest id; NULL when there is none.
  package var lastID: String { "SELECT max(\(ids.column)) FROM \(ids.table)" }
}

extension QuerySession {
  /// The integer in the first column of the last row; nil when there is none. Of the parameters those are taken that the
  /// statement has.
  package func integer(_ sql: String, _ parameters: [String: QueryValue] = [:]) throws -> Int64? {
    var found: Int64?
    let used = parameters.filter { sql.contains(":\($0.key)") }
    _ = try run(sql, parameters: used, begin: { _ in }) { row in
      if case .integer(let integer)? = row.first { found = integer }
    }
    return found
  }
}
