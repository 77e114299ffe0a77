/// What a task's scope and budgets are rebuilt from at the start.
extension Store {
  /// Delivers a task's seeds in the order in which they were given, in chunks of at most 1,000, on the caller's isolation.
  /// Cost: O(seeds), by their own index.
  package func scanSeeds(taskID: Int64, _ deliver: ([String]) throws -> Void) async throws {
    try await scanBySeeds(
      taskID: taskID, deliver,
      """
      SELECT url FROM urls INDEXED BY urls_seeds
      WHERE via_url_id IS NULL AND task_id = ?1 AND id > ?2 AND id <= ?3 AND depth = 0 ORDER BY id
      """)
  }

  /// Delivers the URLs where the redirect chains of a task's seeds ended, those of 1,000 seeds at once. Cost: O(seeds, their
  /// redirects, and the links of those that did not redirect).
  package func scanSeedChainEnds(taskID: Int64, _ deliver: ([String]) throws -> Void) async throws {
    try await scanBySeeds(
      taskID: taskID, deliver,
      """
      WITH RECURSIVE chain (id) AS (
        SELECT target_url_id FROM urls s INDEXED BY urls_seeds JOIN links ON source_url_id = s.id AND kind = 'redirect'
        WHERE s.via_url_id IS NULL AND s.task_id = ?1 AND s.id > ?2 AND s.id <= ?3 AND s.depth = 0
        UNION
        SELECT target_url_id FROM chain JOIN links ON source_url_id = chain.id AND kind = 'redirect')
      SELECT u.url FROM chain JOIN urls u ON u.id = chain.id
      WHERE u.state = 'done' AND coalesce(u.reason, '') <> 'redirected'
      """)
  }

  /// Delivers the texts that a statement gives for a task (its first parameter) and the seeds with ids above one (the second)
  /// and up to another (the third).
  private func scanBySeeds(taskID: Int64, _ deliver: ([String]) throws -> Void, _ sql: String) async throws {
    var position: Int64 = 0
    while let end = try await endOfSeeds(taskID: taskID, after: position) {
      let from = position
      try deliver(
        try await read { database in
          let row = try database.statement(sql)
          defer { row.reset() }
          row.bind(1, taskID)
          row.bind(2, from)
          row.bind(3, end)
          var texts: [String] = []
          while try row.step() { texts.append(row.text(0)) }
          return texts
        })
      position = end
    }
  }

  /// The last of a task's next 1,000 seeds after an id; nil when there are no more.
  private func endOfSeeds(taskID: Int64, after position: Int64) async throws -> Int64? {
    try await read { database in
      let row = try database.statement(
        """
        SELECT max(id) FROM (SELECT id FROM urls INDEXED BY urls_seeds
        WHERE via_url_id IS NULL AND task_id = ? AND id > ? ORDER BY id LIMIT 1000)
        """)
      defer { row.reset() }
      row.bind(1, taskID)
      row.bind(2, position)
      return try row.step() ? row.integerOrNil(0) : nil
    }
  }

  /// Delivers every committed URL of a task that was not excluded and has a smaller id than `end`, and whether it was tried, in
  /// chunks of at most 10,000, on the caller's isolation. Cost: reads the rows of all tasks from its first to its last.
  package func scanAcceptedURLs(
    taskID: Int64, before end: Int64,
    _ deliver: ([(id: Int64, hostID: Int64, url: String, isTried: Bool)]) throws -> Void
  ) async throws {
    var walk = try await walk(over: [taskID])
    while !walk.isAtEnd {
      let from = walk
      let (chunk, reached) = try await read { database in
        let row = try database.statement(
          """
          SELECT id, task_id = ?3, state <> 'excluded' AND host_id IS NOT NULL, host_id, url,
            attempts > 0 OR state NOT IN ('ready', 'delayed') FROM urls
          WHERE id > ?1 AND id < ?4 ORDER BY id LIMIT ?2
          """)
        row.bind(3, taskID)
        row.bind(4, end)
        var walk = from
        let chunk = try walk.read(row, limit: 10_000) { row in
          row.integer(2) == 1
            ? (id: row.integer(0), hostID: row.integer(3), url: row.text(4), isTried: row.integer(5) == 1) : nil
        }
        return (chunk, walk)
      }
      walk = reached
      if !chunk.isEmpty { try deliver(chunk) }
    }
  }
}
