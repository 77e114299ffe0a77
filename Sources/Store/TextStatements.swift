/// The statements that write texts of pages, each once per content. Triggers keep the full-text index in step. Used by the
/// writer thread alone.
final class TextStatements {
  private let find: Statement
  private let insert: Statement
  private let textOfPage: Statement
  private let drop: Statement
  private let database: Database
  /// Texts that were added or deleted.
  private(set) var changes = 0

  init(_ database: Database) throws(StoreError) {
    self.database = database
    find = try database.statement("SELECT id FROM page_texts WHERE hash = ?")
    insert = try database.statement("INSERT INTO page_texts (hash, title, text) VALUES (?, ?, ?) RETURNING id")
    textOfPage = try database.statement("SELECT text_id FROM pages WHERE url_id = ? AND run_id = ?")
    drop = try database.statement(
      "DELETE FROM page_texts WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM pages WHERE text_id = ?1)")
  }

  /// Whether a database has any text.
  static func areIn(_ database: Database) throws(StoreError) -> Bool {
    try database.integer("SELECT EXISTS (SELECT 1 FROM page_texts)") == 1
  }

  /// Empties the full-text index when there are no texts, and it has no more than so many pages. Cost: 10 µs for each, and as
  /// much of the write-ahead log as it has.
  static func emptyIndex(of database: Database, ifAtMost pages: Int) throws(StoreError) {
    // An empty one has two rows. No more are counted than it takes to decide.
    guard try !areIn(database),
      let rows = try database.integer(
        "SELECT count(*) FROM (SELECT 1 FROM page_search_data LIMIT \(max(2, pages) + 1))"),
      rows > 2, rows <= pages
    else { return }
    try database.execute("INSERT INTO page_search (page_search) VALUES ('delete-all')")
  }

  /// How many segments the full-text index has. Cost: one look-up for each.
  static let segments = """
    WITH RECURSIVE segments (id) AS (
      SELECT min(segid) FROM page_search_idx
      UNION ALL
      SELECT (SELECT min(segid) FROM page_search_idx WHERE segid > segments.id) FROM segments WHERE id IS NOT NULL)
    SELECT count(id) FROM segments
    """

  /// What two texts have in common that are stored once.
  static func hash(title: String?, text: String) -> [UInt8] {
    var content = "\(title?.utf8.count ?? -1):" + (title ?? "") + text
    return content.withUTF8 { Digest.sha256(UnsafeRawBufferPointer($0)) }
  }

  /// The row of a page's text, which is made if there is none.
  func id(of page: PageRecord) throws(StoreError) -> Int64? {
    switch page.text {
    case nil: return nil
    case .ofPage(let urlID, let runID): return try id(urlID: urlID, runID: runID)
    case .text(let text):
      let hash = Self.hash(title: page.title, text: text)
      find.bind(1, hash)
      if let id = try first(find) { return id }
      insert.bind(1, hash)
      insert.bind(2, page.title)
      insert.bind(3, text)
      changes += 1
      return try first(insert)
    }
  }

  /// The text that a page has so far.
  func id(urlID: Int64, runID: Int64) throws(StoreError) -> Int64? {
    textOfPage.bind(1, urlID)
    textOfPage.bind(2, runID)
    return try first(textOfPage)
  }

  /// Deletes a text unless a page has it.
  func dropUnused(_ id: Int64) throws(StoreError) {
    drop.bind(1, id)
    try drop.run()
    changes += database.changes
  }

  private func first(_ row: Statement) throws(StoreError) -> Int64? {
    defer { row.reset() }
    return try row.step() ? row.integerOrNil(0) : nil
  }
}
