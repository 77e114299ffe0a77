/// A full-text index of an earlier layout is replaced in short steps, each in a transaction of the caller. Until a text is in
/// the new index no search finds it by its words.
extension Writer {
  /// What one step adds at most: texts, and bytes of them, but one text at least. It takes some 20 ms; a text of 4 MiB, a
  /// quarter of a second.
  private static let textsPerStep = 256
  private static let bytesPerStep = 1 << 18
  /// Pages of the old index, or rows of its other tables, that one step deletes.
  private static let rowsPerStep = 500

  /// Whether there is still an index of an earlier layout.
  static func hasOldIndex(_ database: Database) throws(StoreError) -> Bool {
    try database.integer("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'page_search_old')") == 1
  }

  /// Deletes the index of an earlier layout at once, if there is no text and it is small, as that of a new file.
  static func removeSmallOldIndex(of database: Database) throws(StoreError) {
    guard try hasOldIndex(database), try !TextStatements.areIn(database),
      try database.integer("SELECT count(*) FROM (SELECT 1 FROM page_search_old_data LIMIT \(rowsPerStep))") ?? 0
        < rowsPerStep
    else { return }
    try database.execute("DROP TABLE page_search_old")
  }

  /// Adds the newest texts that may not be in the index.
  ///
  /// - Returns: whether there may be more.
  package func indexTexts() throws(StoreError) -> Bool {
    let last = try database.integer("SELECT unindexed_text_id FROM database") ?? 0
    let ids = try newestTexts(upTo: last)
    let insert = try database.statement(
      """
      INSERT INTO page_search (rowid, title, text) SELECT id, title, text FROM page_search_texts
      WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM page_search_docsize WHERE id = ?1)
      """)
    // FTS5 begins a segment for each text whose id is not greater than that of the one before.
    for id in ids.reversed() {
      insert.bind(1, id)
      try insert.run()
    }
    noteTexts(ids.count)
    let update = try database.statement("UPDATE database SET unindexed_text_id = ?")
    update.bind(1, ids.last.map { $0 - 1 } ?? 0)
    try update.run()
    return !ids.isEmpty
  }

  /// Ids of texts, the greatest first, as many as one step takes.
  private func newestTexts(upTo last: Int64) throws(StoreError) -> [Int64] {
    let row = try database.statement(
      "SELECT id, length(CAST(text AS BLOB)) FROM page_texts WHERE id <= ? ORDER BY id DESC LIMIT ?")
    defer { row.reset() }
    row.bind(1, last)
    row.bind(2, Self.textsPerStep)
    var ids: [Int64] = []
    var bytes = 0
    while bytes < Self.bytesPerStep, try row.step() {
      ids.append(row.integer(0))
      bytes += row.count(1)
    }
    return ids
  }

  /// Deletes some of the index of an earlier layout, and the tables themselves when these are empty.
  ///
  /// - Returns: whether there is more of it.
  package func removeOldIndex() throws(StoreError) -> Bool {
    guard try Self.hasOldIndex(database) else { return false }
    // As of an index without any segment: what checks it halfway finds nothing amiss.
    try database.execute(
      "UPDATE page_search_old_data SET block = X'00000000000000' WHERE id = 10 AND length(block) > 7")
    try database.execute("UPDATE page_search_old_data SET block = X'' WHERE id = 1 AND length(block) > 0")
    // FTS5 opens no table, not even to drop it, without the two rows of `page_search_data` that say what there is.
    for sql in [
      "DELETE FROM page_search_old_data WHERE id IN (SELECT id FROM page_search_old_data WHERE id > 10 LIMIT ?)",
      "DELETE FROM page_search_old_idx WHERE (segid, term) IN (SELECT segid, term FROM page_search_old_idx LIMIT ?)",
      "DELETE FROM page_search_old_docsize WHERE id IN (SELECT id FROM page_search_old_docsize LIMIT ?)",
    ] {
      // Not kept: a statement of a table that is gone.
      let row = try Statement(database: database.handle, sql: sql, isKept: false)
      row.bind(1, Self.rowsPerStep)
      try row.run()
      if database.changes > 0 { return true }
    }
    try database.execute("DROP TABLE page_search_old")
    return false
  }
}
