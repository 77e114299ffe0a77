/// What a task's scope and budgets are rebuilt from at the start.
extension Store {
  /// How many seeds a task has. Cost: O(seeds), by their own index.
  package func seedCount(taskID: Int64) async throws -> Int {
    try await orderedRead { database in
      let row = try database.statement(
        "SELECT count(*) FROM urls INDEXED BY urls_seeds WHERE via_url_id IS NULL AND task_id = ? AND depth = 0")
      defer { row.reset() }
      row.bind(1, taskID)
      return try row.step() ? row.count(0) : 0
    }
  }

  /// The URLs where the redirect chains of a task's seeds ended, seeds that did not redirect among them.
  /// Cost: O(seeds and their redirects).
  package func seedChainEnds(taskID: Int64) async throws -> [String] {
    try await orderedRead { database in
      let row = try database.statement(
        """
        WITH RECURSIVE chain (id) AS (
          SELECT id FROM urls INDEXED BY urls_seeds WHERE via_url_id IS NULL AND task_id = ? AND depth = 0
          UNION
          SELECT target_url_id FROM chain JOIN links ON source_url_id = chain.id AND kind = 'redirect')
        SELECT u.url FROM chain JOIN urls u ON u.id = chain.id
        WHERE u.state = 'done' AND coalesce(u.reason, '') <> 'redirected'
        """)
      defer { row.reset() }
      row.bind(1, taskID)
      row.bind(2, position)
      return try row.step() ? row.integerOrNil(0) : nil
    }
  }

  /// Delivers the host and text of every URL of a task that was not excluded, in chunks of at most 10,000, on the
  /// caller's isolation. Cost: reads the table once, from the task's first row on.
  package func scanAcceptedURLs(
    taskID: Int64, _ deliver: ([(hostID: Int64, url: String)]) throws -> Void
  ) async throws {
    var walk = try await walk(over: [taskID], mayGrow: true)
    while !walk.isAtEnd {
      let from = walk
      let (chunk, reached) = try await read { database in
        let row = try database.statement(
          """
          SELECT id, task_id = ?3, state <> 'excluded' AND host_id IS NOT NULL, host_id, url FROM urls
          WHERE id > ?1 ORDER BY id LIMIT ?2
          """)
        row.bind(3, taskID)
        var walk = from
        let chunk = try walk.read(row, limit: 10_000) { row in
          row.integer(2) == 1 ? (hostID: row.integer(3), url: row.text(4)) : nil
        }
        return (chunk, walk)
      }
      walk = reached
      if !chunk.isEmpty { try deliver(chunk) }
    }
  }
}
