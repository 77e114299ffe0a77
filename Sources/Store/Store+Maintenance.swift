internal import CSQLite
internal import Glibc

extension Store {
  /// The figures of the moment. Cost: two system calls.
  package var status: StoreStatus {
    let (figures, failure) = queue.assumeIsolated { ($0.figures, $0.failure) }
    let outstanding = outstanding
    return StoreStatus(
      sqliteVersion: String(cString: sqlite3_libversion()), databaseBytes: Self.size(of: path),
      walBytes: Self.size(of: path + "-wal"), commits: figures.commits, visits: figures.visits, rows: figures.rows,
      lastCommitMicroseconds: figures.lastCommitMicroseconds,
      longestCommitMicroseconds: figures.longestCommitMicroseconds, checkpoints: figures.checkpoints,
      lastCheckpointMicroseconds: figures.lastCheckpointMicroseconds,
      isCheckpointBlocked: figures.checkpointProblem != nil, checkpointProblem: figures.checkpointProblem,
      outstandingVisits: outstanding.visits,
      outstandingBytes: outstanding.bytes, failure: failure)
  }

  private static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Builds the index that answers "which pages link to it", when a task ends. Does nothing when it is there.
  ///
  /// Cost: O(links), on the writer thread: visits wait meanwhile.
  package func buildLinkIndex() async throws {
    try await ordered(isPatient: true) { writer in try writer.database.execute(Schema.linkIndex) }
  }

  /// Copies the write-ahead log to the database and cuts it to nothing, if no reader needs it.
  ///
  /// - Returns: whether all of it was copied.
  @discardableResult
  package func checkpoint() async throws -> Bool {
    try await queue.truncateLog()
  }

  /// Gives freed pages back to the file system.
  ///
  /// - Parameter limit: at most this many pages, so that visits don't wait long.
  package func vacuum(pages limit: Int = 1000) async throws {
    try await queue.control { writer in try writer.database.execute("PRAGMA incremental_vacuum(\(limit))") }
  }

  /// Removes a part of a task's rows, at most about 5,000; call again with what it returned, or with 0 after a restart,
  /// until it returns `nil`: then nothing of the task is left, the row in `tasks` included. Hosts stay: they belong to
  /// all tasks.
  package func removeTaskChunk(_ taskID: Int64, after urlID: Int64, rows limit: Int = 5000) async throws -> Int64? {
    try await ordered { writer in
      let database = writer.database
      let urls = try database.statement("SELECT id FROM urls WHERE task_id = ? AND id > ? ORDER BY id LIMIT ?")
      defer { urls.reset() }
      urls.bind(1, taskID)
      urls.bind(2, urlID)
      urls.bind(3, limit)
      var ids: [Int64] = []
      while try urls.step() { ids.append(urls.integer(0)) }
      urls.reset()
      var left = limit
      var last = urlID
      for id in ids where left > 0 {
        for sql in [
          "DELETE FROM links WHERE source_url_id = ?", "DELETE FROM pages WHERE url_id = ?",
          "DELETE FROM fetches WHERE url_id = ?", "DELETE FROM urls WHERE id = ?",
        ] {
          left -= try Self.delete(database, sql, id)
        }
        last = id
      }
      if !ids.isEmpty { return last }
      let robots = try database.statement(
        "DELETE FROM fetches WHERE id IN (SELECT id FROM fetches WHERE url_id IS NULL AND task_id = ? LIMIT ?)")
      robots.bind(1, taskID)
      robots.bind(2, limit)
      try robots.run()
      if database.changes > 0 { return last }
      for table in ["task_counters", "task_events", "runs"] {
        _ = try Self.delete(database, "DELETE FROM \(table) WHERE task_id = ?", taskID)
      }
      _ = try Self.delete(database, "DELETE FROM tasks WHERE id = ?", taskID)
      return nil
    }
  }

  private static func delete(_ database: Database, _ sql: String, _ id: Int64) throws -> Int {
    let row = try database.statement(sql)
    row.bind(1, id)
    try row.run()
    return database.changes
  }

  /// Recounts a task's counters and looks for fingerprints that occur twice in it. Cost: O(URLs known), with a sort.
  ///
  /// - Returns: one sentence per finding; nothing when all is well.
  package func inspectTask(_ taskID: Int64) async throws -> [String] {
    try await read { database in
      var findings: [String] = []
      let row = try database.statement(
        """
        SELECT count(*), count(*) FILTER (WHERE state = 'ready'), count(*) FILTER (WHERE state = 'delayed'), \
        count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'failed'), \
        count(*) FILTER (WHERE state = 'excluded'), (SELECT count(*) FROM fetches WHERE task_id = ?1), 0, 0, \
        (SELECT coalesce(sum(wire_bytes), 0) FROM fetches WHERE task_id = ?1), \
        (SELECT coalesce(sum(body_bytes), 0) FROM fetches WHERE task_id = ?1) FROM urls WHERE task_id = ?1
        """)
      defer { row.reset() }
      row.bind(1, taskID)
      let stated = try database.statement("SELECT \(Self.counterColumns) FROM task_counters c WHERE task_id = ?")
      defer { stated.reset() }
      stated.bind(1, taskID)
      guard try row.step(), try stated.step() else { return ["task \(taskID) has no counters"] }
      var counters = Self.counters(stated, from: 0)
      counters.finalAnswers = 0
      counters.okAnswers = 0
      let recount = Self.counters(row, from: 0)
      if counters != recount { findings.append("the counters say \(counters), a recount says \(recount)") }
      let twice = try database.statement(
        "SELECT fingerprint, count(*) FROM urls WHERE task_id = ? GROUP BY 1 HAVING count(*) > 1 LIMIT 10")
      defer { twice.reset() }
      twice.bind(1, taskID)
      while try twice.step() {
        findings.append("fingerprint \(twice.integer(0)) occurs \(twice.count(1)) times")
      }
      return findings
    }
  }
}
