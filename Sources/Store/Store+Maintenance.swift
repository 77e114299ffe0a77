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

  /// Recounts a task's counters and looks for fingerprints that occur twice in it. Cost: O(URLs known), with a sort.
  ///
  /// - Returns: one sentence per finding; nothing when all is well.
  package func inspectTask(_ taskID: Int64) async throws -> [String] {
    try await read { database in
      var findings: [String] = []
      let changes = PageChange.allCases.map {
        ", (SELECT count(*) FROM fetches WHERE task_id = ?1 AND change = '\($0.rawValue)')"
      }.joined()
      let row = try database.statement(
        """
        SELECT count(*), count(*) FILTER (WHERE state = 'ready'), count(*) FILTER (WHERE state = 'delayed'), \
        count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'failed'), \
        count(*) FILTER (WHERE state = 'excluded'), (SELECT count(*) FROM fetches WHERE task_id = ?1), 0, 0, \
        (SELECT coalesce(sum(wire_bytes), 0) FROM fetches WHERE task_id = ?1), \
        (SELECT coalesce(sum(body_bytes), 0) FROM fetches WHERE task_id = ?1)\(changes) FROM urls WHERE task_id = ?1
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
