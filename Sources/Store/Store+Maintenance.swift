internal import CSQLite
internal import Glibc

extension Store {
  /// The figures of the moment. Cost: two system calls.
  package var status: StoreStatus {
    let (figures, failure) = queue.assumeIsolated { ($0.figures, $0.failure) }
    let outstanding = outstanding
    return StoreStatus(
      sqliteVersion: String(cString: sqlite3_libversion()), databaseBytes: Self.size(of: path),
      walBytes: Self.size(of: path + "-wal"), freeBytes: figures.space?.free, commits: figures.commits,
      visits: figures.visits, rows: figures.rows,
      lastCommitMicroseconds: figures.lastCommitMicroseconds,
      longestCommitMicroseconds: figures.longestCommitMicroseconds, checkpoints: figures.checkpoints,
      lastCheckpointMicroseconds: figures.lastCheckpointMicroseconds,
      isCheckpointBlocked: figures.checkpointProblem != nil, checkpointProblem: figures.checkpointProblem,
      longReader: figures.longReader, checkpointFailure: figures.checkpointFailure,
      merges: figures.merges, mergeFailure: figures.mergeFailure, outstandingVisits: outstanding.visits,
      outstandingBytes: outstanding.bytes, failure: failure)
  }

  private static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Builds the indexes that questions about links, texts and hosts want, when a task ends. Those that are there cost nothing.
  ///
  /// Cost: O(links + pages + fetches), on the writer thread, each in a transaction of its own: visits wait meanwhile.
  package func buildResultIndexes() async throws {
    for sql in Schema.resultIndexes { try await ordered(isPatient: true) { try $0.database.execute(sql) } }
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
      let findings = try Examination.counters(database, taskID: taskID)
      return (findings + (try Examination.fingerprints(database, taskID: taskID))).map(\.sentence)
    }
  }
}
