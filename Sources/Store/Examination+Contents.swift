internal import CSQLite

/// What is stored of pages beside their rows: it is there, whole, and nothing is there that nobody has.
extension Examination {
  /// Texts against their hashes, the pages that have them and the full-text index. Cost: reads all texts and the index.
  static func texts(_ database: Database) throws -> [Finding] {
    // They came with layout 11.
    let layout = try database.integer("PRAGMA user_version") ?? 0
    guard layout >= 11 else { return [] }
    // Those of an earlier program are added by and by since layout 32.
    let indexed = layout < 32 ? "1" : "id > (SELECT unindexed_text_id FROM database)"
    var findings = try [
      (
        "texts that no page has",
        "SELECT count(*) FROM page_texts x WHERE NOT EXISTS (SELECT 1 FROM pages p WHERE p.text_id = x.id)"
      ),
      (
        "texts that the full-text index does not have",
        "SELECT count(*) FROM (SELECT id FROM page_texts WHERE \(indexed) EXCEPT SELECT id FROM page_search_docsize)"
      ),
      (
        "texts in the full-text index that are not there",
        "SELECT count(*) FROM (SELECT id FROM page_search_docsize EXCEPT SELECT id FROM page_texts)"
      ),
    ].compactMap { (what, sql) throws(StoreError) -> Finding? in
      let count = try database.integer(sql) ?? 0
      return count == 0 ? nil : Finding(.texts, "\(count) \(what)")
    }
    let changed = try changedTexts(database)
    if changed > 0 { findings.append(Finding(.texts, "\(changed) texts are not what their hashes say")) }
    let words = try indexedWords(database)
    guard let stated = try statedWords(database) else {
      return findings + [Finding(.texts, "the full-text index has a text with more words than any can have")]
    }
    if stated != words {
      findings.append(Finding(.texts, "the full-text index has \(words) words, its texts \(stated)"))
    }
    return findings
  }

  /// Bodies against their hashes and the fetches that have them. Cost: reads and decodes all bodies.
  static func bodies(_ database: Database) throws -> [Finding] {
    // They came with layout 12.
    guard try database.integer("PRAGMA user_version") ?? 0 >= 12 else { return [] }
    let missing =
      try database.integer(
        "SELECT count(*) FROM fetches WHERE body_hash IS NOT NULL AND body_hash NOT IN (SELECT hash FROM bodies)") ?? 0
    let unused =
      try database.integer(
        "SELECT count(*) FROM bodies b WHERE NOT EXISTS (SELECT 1 FROM fetches f WHERE f.body_hash = b.hash)") ?? 0
    return [
      (missing, "fetches whose bodies are not there"), (unused, "bodies that no fetch has"),
      (Int64(try changedBodies(database)), "bodies are not what their hashes say"),
    ].filter { $0.0 > 0 }.map { Finding(.bodies, "\($0.0) \($0.1)") }
  }

  private static func changedBodies(_ database: Database) throws(StoreError) -> Int {
    let row = try database.statement("SELECT hash, codec, size, bytes FROM bodies")
    defer { row.reset() }
    var changed = 0
    while try row.step() {
      let body = BodyCodec(rawValue: row.text(1))?.decoded(row.blobOrNil(3) ?? [])
      let isWhole = body.map { $0.count == row.count(2) && $0.withUnsafeBytes(Digest.sha256) == row.blobOrNil(0) }
      if isWhole != true { changed += 1 }
    }
    return changed
  }

  private static func changedTexts(_ database: Database) throws(StoreError) -> Int {
    let row = try database.statement("SELECT hash, title, text FROM page_texts")
    defer { row.reset() }
    var changed = 0
    while try row.step() {
      if row.blobOrNil(0) != TextStatements.hash(title: row.textOrNil(1), text: row.text(2)) { changed += 1 }
    }
    return changed
  }

  /// More than any text can have, of 4 MiB at most.
  private static let wordLimit = 1 << 32

  /// What the index knows of the length of each text: a number of words for each column, in SQLite's form of integers of
  /// seven bits a byte, the highest first. nil when one is beyond the limit, as it may be in a damaged file.
  private static func statedWords(_ database: Database) throws(StoreError) -> Int? {
    let row = try database.statement("SELECT sz FROM page_search_docsize")
    defer { row.reset() }
    var words = 0
    while try row.step() {
      var value = 0
      for byte in row.blobOrNil(0) ?? [] {
        value = value << 7 | Int(byte & 0x7F)
        if value >= wordLimit { return nil }
        if byte & 0x80 == 0 {
          words &+= value
          value = 0
        }
      }
    }
    return words
  }

  /// The occurrences of all words of the index, every one of which is read for it.
  private static func indexedWords(_ database: Database) throws(StoreError) -> Int {
    // A table of this connection alone, whose file stays read-only.
    try database.execute("PRAGMA query_only = OFF")
    defer {
      sqlite3_exec(database.handle, "DROP TABLE IF EXISTS temp.search_words; PRAGMA query_only = ON", nil, nil, nil)
    }
    try database.execute("CREATE VIRTUAL TABLE temp.search_words USING fts5vocab (main, page_search, row)")
    let row = try Statement(database: database.handle, sql: "SELECT sum(cnt) FROM temp.search_words", isKept: false)
    return try row.step() ? row.count(0) : 0
  }
}
