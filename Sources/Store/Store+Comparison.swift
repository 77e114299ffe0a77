internal import EventLoop

/// Which texts of a task are nearly the same. That is found out for many at once, in the background: to look for each page's
/// text when it is written would take several places of the file for every page.
extension Store {
  /// Compares the texts of a task, as far as they are stored, and brings `near_duplicates` to what that gives. May be broken
  /// off anywhere and made again.
  ///
  /// Cost: reads one index of the task's texts; see `NearDuplicates.pairs`. Pairs are written in short transactions.
  ///
  /// - Parameter runID: the run of the task.
  /// - Returns: the task's final answers when it was read, which are stored with the last pairs.
  /// - Throws: `.closed`, and what the database says.
  package func compareTexts(ofTask taskID: Int64, runID: Int64) async throws -> Int {
    try await flush(isPatient: false)
    let readers = readers
    let work = { @Sendable () throws -> Comparison in
      let stored = try readers.use { database in
        try database.snapshot { try Self.stored(database, taskID: taskID, runID: runID) }
      }
      guard let pairs = NearDuplicates.pairs(of: stored.texts, isUnwanted: { readers.hasClosed }) else {
        throw StoreError.closed
      }
      let found = Set(pairs)
      return Comparison(
        gone: stored.pairs.filter { !found.contains($0) }, new: Array(found.subtracting(stored.pairs)),
        finalAnswers: stored.finalAnswers)
    }
    let comparison: Comparison
    do { comparison = try await answerPool.run(work) } catch EventLoopError.poolClosed { throw StoreError.closed }
    for chunk in Self.chunks(comparison.gone) {
      try await write(
        "DELETE FROM near_duplicates WHERE task_id = ?1 AND url_id = ?2 AND other_url_id = ?3", chunk, taskID: taskID)
    }
    for chunk in Self.chunks(comparison.new) {
      try await write("INSERT INTO near_duplicates VALUES (?1, ?2, ?3, ?4)", chunk, taskID: taskID)
    }
    try await ordered(isPatient: true) { writer in
      let row = try writer.database.statement("UPDATE tasks SET compared = ? WHERE id = ?")
      row.bind(1, comparison.finalAnswers)
      row.bind(2, taskID)
      try row.run()
    }
    return comparison.finalAnswers
  }

  /// What has changed since the last time.
  private struct Comparison: Sendable {
    var gone: [NearDuplicates.Pair]
    var new: [NearDuplicates.Pair]
    var finalAnswers: Int
  }

  private static func stored(
    _ database: Database, taskID: Int64, runID: Int64
  ) throws -> (texts: [NearDuplicates.Text], pairs: Set<NearDuplicates.Pair>, finalAnswers: Int) {
    let answers = try database.statement("SELECT final_answers FROM task_counters WHERE task_id = ?")
    defer { answers.reset() }
    answers.bind(1, taskID)
    let finalAnswers = try answers.step() ? answers.count(0) : 0
    let row = try database.statement(
      "SELECT min(url_id), simhash FROM pages WHERE run_id = ? AND simhash IS NOT NULL GROUP BY text_hash")
    defer { row.reset() }
    row.bind(1, runID)
    var texts: [NearDuplicates.Text] = []
    while try row.step() { texts.append(NearDuplicates.Text(urlID: row.integer(0), simhash: row.bits(1))) }
    let pair = try database.statement("SELECT url_id, other_url_id, distance FROM near_duplicates WHERE task_id = ?")
    defer { pair.reset() }
    pair.bind(1, taskID)
    var pairs: Set<NearDuplicates.Pair> = []
    while try pair.step() {
      pairs.insert(
        NearDuplicates.Pair(urlID: pair.integer(0), otherURLID: pair.integer(1), distance: pair.count(2)))
    }
    return (texts, pairs, finalAnswers)
  }

  /// In the order of the table, so that each lands next to the one before.
  private static func chunks(_ pairs: [NearDuplicates.Pair]) -> [ArraySlice<NearDuplicates.Pair>] {
    let sorted = pairs.sorted { ($0.urlID, $0.otherURLID) < ($1.urlID, $1.otherURLID) }
    return stride(from: 0, to: sorted.count, by: 1_000).map { sorted[$0..<min(sorted.count, $0 + 1_000)] }
  }

  /// One transaction; nothing of a task that is being removed.
  private func write(
    _ sql: String, _ pairs: ArraySlice<NearDuplicates.Pair>, taskID: Int64
  ) async throws {
    try await ordered(isPatient: true) { writer in
      let task = try writer.database.statement("SELECT 1 FROM tasks WHERE id = ? AND state <> 'removing'")
      defer { task.reset() }
      task.bind(1, taskID)
      guard try task.step() else { return }
      let row = try writer.database.statement(sql)
      for pair in pairs {
        row.bind(1, taskID)
        row.bind(2, pair.urlID)
        row.bind(3, pair.otherURLID)
        if row.parameterNames.count == 4 { row.bind(4, pair.distance) }
        try row.run()
      }
    }
  }
}
