internal import EventLoop

/// Which texts of a task are nearly the same. This is found out for many texts at once, in the background: to search for
/// each page's text when it is written would read several places of the file for every page.
extension Store {
  /// The most texts of a task that are compared.
  package static let maxComparedTexts = 2_000_000

  /// What texts were compared.
  package struct Comparison: Sendable {
    /// Of the task when its texts were read, robots.txt included.
    package var fetches: Int
    /// There were more texts, or more of them had pairs, than the bounds say.
    package var isPartial: Bool
  }

  /// Compares the texts of a task, as far as they are stored, and brings `near_duplicates` to what that gives. May be broken
  /// off anywhere and made again.
  ///
  /// Cost: reads one index of the task's texts; see `NearDuplicates.pairs`. Pairs are written in short transactions.
  ///
  /// - Parameters:
  ///   - runID: the run of the task.
  ///   - maxTexts: of more, those are compared whose hashes are the smallest.
  /// - Returns: what was compared; its `fetches` are stored with the last pairs.
  /// - Throws: `.closed`, and what the database says.
  package func compareTexts(
    ofTask taskID: Int64, runID: Int64, maxTexts: Int = maxComparedTexts
  ) async throws -> Comparison {
    try await flush(isPatient: false)
    let readers = readers
    let work = { @Sendable () throws -> (changes: Changes, Comparison) in
      let (texts, isCut, fetches) = try readers.use { database in
        try database.snapshot {
          try Self.texts(database, taskID: taskID, runID: runID, limit: maxTexts) { readers.hasClosed }
        }
      }
      guard let found = NearDuplicates.pairs(of: texts, isUnwanted: { readers.hasClosed }) else {
        throw StoreError.closed
      }
      let changes = try readers.use { try Self.changes($0, taskID: taskID, to: found.pairs) }
      return (changes, Comparison(fetches: fetches, isPartial: isCut || found.isPartial))
    }
    let (changes, comparison): (Changes, Comparison)
    do { (changes, comparison) = try await answerPool.run(work) } catch EventLoopError.poolClosed {
      throw StoreError.closed
    }
    for chunk in Self.chunks(changes.gone) {
      try await write(
        "DELETE FROM near_duplicates WHERE task_id = ?1 AND url_id = ?2 AND other_url_id = ?3", chunk, taskID: taskID)
    }
    for chunk in Self.chunks(changes.new) {
      try await write("INSERT INTO near_duplicates VALUES (?1, ?2, ?3, ?4)", chunk, taskID: taskID)
    }
    try await ordered(isPatient: true) { writer in
      let row = try writer.database.statement("UPDATE tasks SET compared = ? WHERE id = ?")
      row.bind(1, comparison.fetches)
      row.bind(2, taskID)
      try row.run()
    }
    return comparison
  }

  private static func texts(
    _ database: Database, taskID: Int64, runID: Int64, limit: Int, isUnwanted: () -> Bool
  ) throws -> ([NearDuplicates.Text], isCut: Bool, fetches: Int) {
    let counters = try database.statement("SELECT fetches FROM task_counters WHERE task_id = ?")
    defer { counters.reset() }
    counters.bind(1, taskID)
    let fetches = try counters.step() ? counters.count(0) : 0
    let row = try database.statement(
      "SELECT min(url_id), simhash FROM pages WHERE run_id = ? AND simhash IS NOT NULL GROUP BY text_hash")
    defer { row.reset() }
    row.bind(1, runID)
    var texts: [NearDuplicates.Text] = []
    while try row.step() {
      if texts.count == limit { return (texts, true, fetches) }
      if texts.count % 16_384 == 0, isUnwanted() { throw StoreError.closed }
      texts.append(NearDuplicates.Text(urlID: row.integer(0), simhash: row.bits(1)))
    }
    return (texts, false, fetches)
  }

  /// What has changed since the last time, each in the order of the table, so that each lands next to the one before.
  private struct Changes: Sendable {
    var gone: [NearDuplicates.Pair] = []
    var new: [NearDuplicates.Pair] = []
  }

  /// - Parameter pairs: in the order of the table.
  private static func changes(
    _ database: Database, taskID: Int64, to pairs: [NearDuplicates.Pair]
  ) throws -> Changes {
    let row = try database.statement(
      """
      SELECT url_id, other_url_id, distance FROM near_duplicates WHERE task_id = ? ORDER BY url_id, other_url_id
      """)
    defer { row.reset() }
    row.bind(1, taskID)
    var changes = Changes()
    var found = pairs[...]
    while try row.step() {
      let stored = NearDuplicates.Pair(urlID: row.integer(0), otherURLID: row.integer(1), distance: row.count(2))
      let before = found.prefix { ($0.urlID, $0.otherURLID) < (stored.urlID, stored.otherURLID) }
      changes.new += before
      found = found[before.endIndex...]
      if found.first == stored { found.removeFirst() } else { changes.gone.append(stored) }
    }
    changes.new += found
    return changes
  }

  private static func chunks(_ pairs: [NearDuplicates.Pair]) -> [ArraySlice<NearDuplicates.Pair>] {
    stride(from: 0, to: pairs.count, by: 1_000).map { pairs[$0..<min(pairs.count, $0 + 1_000)] }
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
