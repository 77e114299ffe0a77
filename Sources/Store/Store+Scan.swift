/// The scans that fill the loop's maps at the start.
extension Store {
  /// Delivers all URLs of a task that were committed at the call, by id, in chunks of at most 10,000, on the caller's
  /// isolation. Cost: reads the table once, whatever the task's share of it; each chunk is a short read of its own.
  package func scanKnownURLs(taskID: Int64, _ deliver: ([KnownURL]) throws -> Void) async throws {
    let last = try await read { database in try database.integer("SELECT max(id) FROM urls") } ?? 0
    var position: Int64 = 0
    while position < last {
      let from = position
      let (chunk, reached) = try await read { database in
        try Self.knownURLs(database, taskID: taskID, after: from, through: last)
      }
      position = reached
      if !chunk.isEmpty { try deliver(chunk) }
    }
  }

  /// The rows of the next 10,000 ids in use, those of the task of them, and the id reached.
  private static func knownURLs(
    _ database: Database, taskID: Int64, after position: Int64, through last: Int64
  ) throws -> ([KnownURL], Int64) {
    let row = try database.statement(
      """
      SELECT id, task_id, fingerprint,
      CASE WHEN state = 'excluded' AND (reason IN ('depth', 'nofollow', 'follow')
        OR attempts = 0 AND reason IN ('scope', 'include', 'exclude', 'robots', 'trap_length')) THEN reason END,
      depth = 0 AND via_url_id IS NULL FROM urls
      WHERE id > ? AND id <= ? ORDER BY id LIMIT 10000
      """)
    defer { row.reset() }
    row.bind(1, position)
    row.bind(2, last)
    var chunk: [KnownURL] = []
    chunk.reserveCapacity(10_000)
    var reached = position
    var seen = 0
    while try row.step() {
      reached = row.integer(0)
      seen += 1
      guard row.integer(1) == taskID else { continue }
      chunk.append(
        KnownURL(
          fingerprint: row.bits(2), id: reached, liftableReason: row.textOrNil(3), isSeed: row.integer(4) != 0))
    }
    return (chunk, seen < 10_000 ? last : reached)
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
