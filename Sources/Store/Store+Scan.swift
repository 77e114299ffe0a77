/// The scans that fill the loop's maps at the start.
extension Store {
  /// Delivers all URLs of a task that were committed at the call, by id, in chunks of at most 10,000, on the caller's
  /// isolation. Cost: reads the rows of all tasks from its first to its last; each chunk is a short read of its own.
  package func scanKnownURLs(taskID: Int64, _ deliver: ([KnownURL]) throws -> Void) async throws {
    var walk = try await walk(over: [taskID])
    while !walk.isAtEnd {
      let from = walk
      let (chunk, reached) = try await read { database in try Self.knownURLs(database, taskID: taskID, from) }
      walk = reached
      if !chunk.isEmpty { try deliver(chunk) }
    }
  }

  private static func knownURLs(
    _ database: Database, taskID: Int64, _ walk: URLWalk
  ) throws -> ([KnownURL], URLWalk) {
    let row = try database.statement(
      """
      SELECT id, task_id = ?3, fingerprint,
      CASE WHEN state = 'excluded' AND (reason IN ('depth', 'nofollow', 'follow', 'budget_host', 'budget_pattern')
        OR attempts = 0 AND reason IN ('scope', 'include', 'exclude', 'robots', 'trap_length', 'trap_repeat',
          'trap_segments', 'redirect_limit', 'handler')) THEN reason END,
      depth = 0 AND via_url_id IS NULL FROM urls
      WHERE id > ?1 ORDER BY id LIMIT ?2
      """)
    row.bind(3, taskID)
    var walk = walk
    let chunk = try walk.read(row, limit: 10_000) { row in
      KnownURL(
        fingerprint: row.bits(2), id: row.integer(0), liftableReason: row.textOrNil(3), isSeed: row.integer(4) != 0)
    }
    return (chunk, walk)
  }

  /// Delivers all hosts that were committed at the call, by id, in chunks of at most 10,000, on the caller's isolation;
  /// of each only id, scheme, name, port and registrable domain.
  package func scanHosts(_ deliver: ([HostRecord]) throws -> Void) async throws {
    var position: Int64 = 0
    while true {
      let from = position
      let chunk = try await read { database in
        let row = try database.statement(
          "SELECT id, scheme, name, port, registrable_domain FROM hosts WHERE id > ? ORDER BY id LIMIT 10000")
        defer { row.reset() }
        row.bind(1, from)
        var hosts: [HostRecord] = []
        while try row.step() {
          hosts.append(
            HostRecord(
              id: row.integer(0), scheme: row.text(1), name: row.text(2), port: row.count(3),
              registrableDomain: row.textOrNil(4)))
        }
        return hosts
      }
      guard let last = chunk.last else { return }
      position = last.id
      try deliver(chunk)
    }
  }
}
