/// The removal of a task with all that it found: in short transactions, so that commits of other tasks never wait long. It
/// may be broken off anywhere and begun again; the task's own row goes last.
extension Store {
  /// How long one transaction deletes URLs with what was found there before it ends, in microseconds.
  private static let timePerRemoval: Int64 = 15_000
  /// Texts that one transaction deletes: it writes to the full-text index when it ends, in some milliseconds.
  static let textsPerRemoval = 64
  /// Rows of the smaller tables that one transaction deletes.
  private static let rowsPerRemoval = 2_000
  /// Rows that are looked through in one go.
  private static let rowsPerWindow = 20_000

  /// Deletes everything of a task. Nothing may be written for it any more. Hosts stay, without their robots.txt if no fetch is
  /// left there, and so does what later crawls have of the same URLs. What refers to its rows is NULL afterwards, or names the
  /// first later crawl that has the same. A recrawl of the task becomes a recrawl of the task that this one itself visited
  /// again. The space is used again by what is stored next.
  ///
  /// Cost: reads the rows of all tasks from its first URL to its last, and the fetches of robots.txt files; O(log rows) for each
  /// row deleted, and for each of a later crawl that names it. Makes the indexes for questions if there are none yet.
  ///
  /// - Parameter isResumed: a removal that was broken off may have deleted some of its URLs: reads all URLs there are.
  package func removeTask(_ taskID: Int64, isResumed: Bool = false) async throws {
    countRemovals(1)
    defer { countRemovals(-1) }
    try await ordered(isPatient: true) { try $0.database.execute(Self.noteGivenIDs) }
    let isIndexed = try await hasResultIndexes()
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
    // Before the URLs: with the last of these on a host it is asked whether another fetch is left there.
    var position: Int64 = 0
    while let window = try await robotsFetches(of: taskID, after: position) {
      try await remove(window.ids) { try Self.removeFetches($0, $1) }
      position = window.end
    }
    var walk = isResumed ? URLWalk() : try await walk(over: [taskID])
    while !walk.isAtEnd {
      let ids = try await urls(of: taskID, &walk)
      try await remove(ids) { try Self.removeURLs($0, $1, takesRobots: isIndexed) }
    }
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

  /// Makes the indexes for questions if there are none yet; false where the disk has no room for them.
  private func hasResultIndexes() async throws -> Bool {
    do {
      try await buildResultIndexes()
      return true
    } catch StoreError.closed {
      throw StoreError.closed
    } catch {
      return false
    }
  }

  /// Nothing of the task has larger ids than these, and no later daemon gives them again: who knows a task or a record of an
  /// archive by its id does not take another one for it.
  private static let noteGivenIDs = """
    UPDATE database SET
      last_task_id = max(last_task_id, coalesce((SELECT max(id) FROM tasks), 0)),
      last_run_id = max(last_run_id, coalesce((SELECT max(id) FROM runs), 0)),
      last_url_id = max(last_url_id, coalesce((SELECT max(id) FROM urls), 0)),
      last_fetch_id = max(last_fetch_id, coalesce((SELECT max(id) FROM fetches), 0))
    """

  private func countRemovals(_ change: Int) { queue.assumeIsolated { $0.removals += change } }

  /// Runs a statement that deletes some of a task's rows. Returns how many are gone.
  private static func remove(_ sql: String, taskID: Int64, _ database: Database) throws -> Int {
    let row = try database.statement(sql)
    row.bind(1, taskID)
    try row.run()
    return database.changes
  }

  /// Deletes rows in transactions of which each takes as many as there is time for; `delete` returns how many, at least one.
  private func remove(
    _ ids: [Int64], _ delete: @escaping @Sendable (ArraySlice<Int64>, Writer) throws -> Int
  ) async throws {
    var ids = ids[...]
    while !ids.isEmpty {
      let rest = ids
      ids = ids.dropFirst(try await ordered(isPatient: true) { try delete(rest, $0) })
    }
  }

  /// The ids of a task's URLs among the next rows of a walk.
  private func urls(of taskID: Int64, _ walk: inout URLWalk) async throws -> [Int64] {
    let from = walk
    let (ids, reached) = try await read { database in
      let row = try database.statement("SELECT id, task_id = ?3 FROM urls WHERE id > ?1 ORDER BY id LIMIT ?2")
      row.bind(3, taskID)
      var walk = from
      let ids = try walk.read(row, limit: Self.rowsPerWindow) { $0.integer(0) }
      return (ids, walk)
    }
    walk = reached
    return ids
  }

  /// A task's fetches among the next ones of robots.txt files, and how far these are; nil at the end.
  private func robotsFetches(of taskID: Int64, after position: Int64) async throws -> (ids: [Int64], end: Int64)? {
    try await read { database in
      let row = try database.statement(
        """
        SELECT id, task_id FROM fetches INDEXED BY fetches_url WHERE url_id IS NULL AND id > ? ORDER BY id LIMIT ?
        """)
      defer { row.reset() }
      row.bind(1, position)
      row.bind(2, Self.rowsPerWindow)
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
  private static func removeURLs(_ ids: ArraySlice<Int64>, _ writer: Writer, takesRobots: Bool) throws -> Int {
    let end = WallClock.monotonic + timePerRemoval
    let database = writer.database
    let texts = try database.statement(unusedTexts)
    let robots = takesRobots ? [unusedRobots] : []
    let statements =
      [
        "DELETE FROM links WHERE source_url_id = ?", "DELETE FROM pages WHERE url_id = ?", inheritedContent,
        inheritedBody, unusedBodies, forgotten, "DELETE FROM fetches WHERE url_id = ?",
      ] + robots + ["DELETE FROM urls WHERE id = ?"]
    let rows = try statements.map { sql throws(StoreError) in try database.statement(sql) }
    var removedTexts = 0
    defer { writer.noteTexts(removedTexts) }
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

  /// What the answer brought that later crawls found not modified goes to them: no other answer will bring it again.
  private static let inheritedContent = """
    UPDATE fetches SET content_type = coalesce(fetches.content_type, gone.content_type), content_bytes = \
      CASE gone.outcome WHEN 'not_modified' THEN gone.content_bytes ELSE gone.body_bytes END \
    FROM fetches gone \
    WHERE gone.url_id = ? AND fetches.earlier_fetch_id = gone.id AND fetches.outcome = 'not_modified'
    """

  /// A body, cut or whole, goes to all of them that store what is sent: each asked with a condition because there was one.
  private static let inheritedBody = """
    UPDATE fetches SET body_hash = gone.body_hash, truncated = gone.truncated, \
      response_headers = coalesce(gone.response_headers, fetches.response_headers) \
    FROM fetches gone \
    WHERE gone.url_id = ? AND fetches.earlier_fetch_id = gone.id AND fetches.outcome = 'not_modified' \
      AND fetches.response_headers IS NOT NULL AND gone.body_hash IS NOT NULL
    """

  /// What later crawls have of a URL says by the first of them that has the same content, not modified, that it is the same:
  /// that one has it by itself from now on, and says no longer beside what.
  private static let forgotten = """
    UPDATE fetches SET earlier_fetch_id = heirs.heir_id \
    FROM (
      SELECT later.id, (
        SELECT min(heir.id) FROM fetches heir WHERE heir.earlier_fetch_id = later.earlier_fetch_id \
        AND heir.outcome = 'not_modified' AND heir.id < later.id) AS heir_id
      FROM fetches later WHERE later.earlier_fetch_id IN (SELECT id FROM fetches WHERE url_id = ?)
    ) heirs WHERE fetches.id = heirs.id
    """

  /// Bodies that no fetch but those of one URL has.
  private static let unusedBodies = """
    DELETE FROM bodies WHERE hash IN (SELECT body_hash FROM fetches WHERE url_id = ?1 AND body_hash IS NOT NULL) \
    AND NOT EXISTS (SELECT 1 FROM fetches f WHERE f.body_hash = bodies.hash AND f.url_id IS NOT ?1)
    """

  /// Of a host that nobody has fetched from: who comes there again asks anew. A fetch that brought an answer has its time.
  private static let unusedRobots = """
    UPDATE hosts SET robots_state = NULL, robots_fetched_at = NULL, robots_expires_at = NULL, robots_text = NULL, \
      robots_agent_id = NULL \
    WHERE id = (SELECT host_id FROM urls WHERE id = ?) AND robots_text IS NOT NULL AND NOT EXISTS ( \
      SELECT 1 FROM fetches f INDEXED BY fetches_host WHERE f.host_id = hosts.id AND f.time_total IS NOT NULL)
    """

  /// Deletes fetches of robots.txt files, with the bodies that no other fetch has, until it is time for another transaction.
  ///
  /// - Returns: how many of them are gone; at least one.
  private static func removeFetches(_ ids: ArraySlice<Int64>, _ writer: Writer) throws -> Int {
    let end = WallClock.monotonic + timePerRemoval
    let rows = try [
      """
      DELETE FROM bodies WHERE hash = (SELECT body_hash FROM fetches WHERE id = ?1) \
      AND NOT EXISTS (SELECT 1 FROM fetches f WHERE f.body_hash = bodies.hash AND f.id <> ?1)
      """, "DELETE FROM fetches WHERE id = ?1",
    ].map { sql throws(StoreError) in try writer.database.statement(sql) }
    for (place, id) in ids.enumerated() {
      for row in rows {
        row.bind(1, id)
        try row.run()
      }
      if WallClock.monotonic >= end { return place + 1 }
    }
    return ids.count
  }
}
