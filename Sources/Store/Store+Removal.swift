/// The removal of a task with all that it found: in short transactions, so that commits of other tasks never wait long. It
/// may be broken off anywhere and begun again; the task's own row goes last.
extension Store {
  /// How long one transaction deletes URLs with what was found there before it ends, in microseconds.
  private static let timePerRemoval: Int64 = 15_000
  /// Texts that one transaction deletes: it writes to the full-text index when it ends, in some milliseconds.
  static let textsPerRemoval = 64
  /// Rows of the smaller tables that one transaction deletes.
  private static let rowsPerRemoval = 2_000
  /// Ids that are looked through in one go: to read, and in a transaction.
  private static let idsPerWindow: Int64 = 20_000
  private static let idsPerTransaction: Int64 = 4_000

  /// Deletes everything of a task. Nothing may be written for it any more. Hosts stay, and so does what later crawls have
  /// of the same URLs. What refers to its rows is NULL afterwards; a recrawl of it is then one of the task that it visited
  /// again itself. The space is used again by what is stored next.
  ///
  /// Cost: reads `urls` and `fetches` once, and O(log rows) for each row deleted, and for each of a later crawl that names it.
  package func removeTask(_ taskID: Int64) async throws {
    countRemovals(1)
    defer { countRemovals(-1) }
    for sql in [
      """
      DELETE FROM handler_verdicts WHERE task_id = ?1 \
      AND url IN (SELECT url FROM handler_verdicts WHERE task_id = ?1 LIMIT \(Self.rowsPerRemoval))
      """,
      """
      DELETE FROM handler_failures \
      WHERE id IN (SELECT id FROM handler_failures WHERE task_id = ?1 LIMIT \(Self.rowsPerRemoval))
      """,
      """
      DELETE FROM near_duplicates WHERE task_id = ?1 AND (url_id, other_url_id) IN \
      (SELECT url_id, other_url_id FROM near_duplicates WHERE task_id = ?1 LIMIT \(Self.rowsPerRemoval))
      """,
    ] {
      while try await ordered(isPatient: true, { try Self.remove(sql, taskID: taskID, $0.database) }) > 0 {}
    }
    var position: Int64 = 0
    while let window = try await urlWindow(taskID: taskID, after: position) {
      var ids = window.ids[...]
      while !ids.isEmpty {
        let batch = Array(ids)
        ids = ids.dropFirst(try await ordered(isPatient: true) { try Self.removeURLs(batch, $0) })
      }
      position = window.end
    }
    // Those of robots.txt files.
    try await forEachWindowOfFetches(
      Self.unusedBodiesOfWindow, "DELETE FROM fetches WHERE id > ?1 AND id <= ?2 AND task_id = ?3", taskID: taskID)
    try await ordered(isPatient: true) { [pages = policy.emptiedIndexPages] writer in
      for sql in [
        "UPDATE tasks SET recrawl_of = (SELECT recrawl_of FROM tasks WHERE id = ?1) WHERE recrawl_of = ?1",
        "DELETE FROM cookies WHERE task_id = ?",
        "DELETE FROM task_events WHERE task_id = ?", "DELETE FROM runs WHERE task_id = ?",
        "DELETE FROM task_counters WHERE task_id = ?", "DELETE FROM tasks WHERE id = ?",
      ] {
        let row = try writer.database.statement(sql)
        row.bind(1, taskID)
        try row.run()
      }
      // The index keeps what it knows of texts that went until it has as much that is new. Without any text it keeps nothing;
      // a large one is emptied by the next start, since that is done in one go.
      try TextStatements.emptyIndex(of: writer.database, ifAtMost: pages)
    }
  }

  private func countRemovals(_ change: Int) { queue.assumeIsolated { $0.removals += change } }

  /// Runs a statement that deletes some of a task's rows. Returns how many are gone.
  private static func remove(_ sql: String, taskID: Int64, _ database: Database) throws -> Int {
    let row = try database.statement(sql)
    row.bind(1, taskID)
    try row.run()
    return database.changes
  }

  /// The ids of a task's URLs among the next ones in use, and how far that is; nil at the end.
  private func urlWindow(taskID: Int64, after position: Int64) async throws -> (ids: [Int64], end: Int64)? {
    try await read { database in
      let row = try database.statement("SELECT id, task_id FROM urls WHERE id > ? ORDER BY id LIMIT ?")
      defer { row.reset() }
      row.bind(1, position)
      row.bind(2, Self.idsPerWindow)
      var ids: [Int64] = []
      var end: Int64?
      while try row.step() {
        end = row.integer(0)
        if row.integer(1) == taskID { ids.append(row.integer(0)) }
      }
      return end.map { (ids, $0) }
    }
  }

  /// Deletes URLs with their links, pages, texts and fetches until it is time for another transaction. One text may take
  /// longer: of 4 MiB a tenth of a second.
  ///
  /// - Returns: how many of them are gone; at least one.
  private static func removeURLs(_ ids: [Int64], _ writer: Writer) throws -> Int {
    let end = WallClock.monotonic + timePerRemoval
    let database = writer.database
    let texts = try database.statement(unusedTexts)
    let rows = try [
      "DELETE FROM links WHERE source_url_id = ?", "DELETE FROM pages WHERE url_id = ?", unusedBodies,
      forgotten, "DELETE FROM fetches WHERE url_id = ?", "DELETE FROM urls WHERE id = ?",
    ].map { sql throws(StoreError) in try database.statement(sql) }
    var removedTexts = 0
    defer { writer.noteRemovedTexts(removedTexts) }
    for (place, id) in ids.enumerated() {
      texts.bind(1, id)
      try texts.run()
      removedTexts += database.changes
      for row in rows {
        row.bind(1, id)
        try row.run()
      }
      if removedTexts >= textsPerRemoval || WallClock.monotonic >= end { return place + 1 }
    }
    return ids.count
  }

  /// Texts that no page but those of one URL has.
  private static let unusedTexts = """
    DELETE FROM page_texts WHERE id IN (SELECT text_id FROM pages WHERE url_id = ?1) \
    AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.text_id = page_texts.id AND p.url_id <> ?1)
    """

  /// What later crawls have of a URL no longer says beside what.
  private static let forgotten = """
    UPDATE fetches SET earlier_fetch_id = NULL \
    WHERE earlier_fetch_id IN (SELECT id FROM fetches WHERE url_id = ?)
    """

  /// Bodies that no fetch but those of one URL has.
  private static let unusedBodies = """
    DELETE FROM bodies WHERE hash IN (SELECT body_hash FROM fetches WHERE url_id = ?1 AND body_hash IS NOT NULL) \
    AND NOT EXISTS (SELECT 1 FROM fetches f WHERE f.body_hash = bodies.hash AND f.url_id IS NOT ?1)
    """

  /// Bodies that no fetch but a task's of a window has.
  private static let unusedBodiesOfWindow = """
    DELETE FROM bodies WHERE hash IN (SELECT body_hash FROM fetches WHERE id > ?1 AND id <= ?2 AND task_id = ?3 \
    AND body_hash IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM fetches f WHERE f.body_hash = bodies.hash \
    AND NOT (f.id > ?1 AND f.id <= ?2 AND f.task_id = ?3))
    """

  private func forEachWindowOfFetches(_ statements: String..., taskID: Int64) async throws {
    let last = try await orderedRead { try $0.integer("SELECT max(id) FROM fetches") } ?? 0
    for start in stride(from: 0, to: last, by: Int64.Stride(Self.idsPerTransaction)) {
      try await ordered(isPatient: true) { writer in
        for sql in statements {
          let row = try writer.database.statement(sql)
          row.bind(1, start)
          row.bind(2, start + Self.idsPerTransaction)
          row.bind(3, taskID)
          try row.run()
        }
      }
    }
  }
}
