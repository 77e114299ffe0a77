internal import Units

/// What `crawlctl search` asks: the pages whose stored text or title has some words, the best matches first.
package enum TextSearch {
  /// `:words` is an expression of FTS5. `:task` is a task's name, or NULL for all tasks: then a page that a later recrawl
  /// has visited again is found as that recrawl has it. At most `:limit` rows. Cost: O(texts that have the words).
  /// The ranks are computed first. Snippets, which have to read a text, are made for the best matches alone.
  package static let sql = """
    WITH found AS MATERIALIZED (
      SELECT page_search.rowid AS text_id, p.url_id, p.run_id, bm25(page_search, 4.0, 1.0) AS rank
      FROM page_search
      JOIN pages p ON p.text_id = page_search.rowid
      JOIN urls u ON u.id = p.url_id
      JOIN tasks t ON t.id = u.task_id
      JOIN fetches f ON f.id = p.fetch_id
      WHERE page_search MATCH :words AND \(isAsked)
      ORDER BY rank, p.url_id LIMIT :limit
    )
    SELECT t.name AS task, u.url, p.title,
      replace(snippet(page_search, 1, '[', ']', '…', 24), char(\(SearchText.boundary.value)), '') AS snippet,
      \(Schema.time("p.fetched_at")) AS fetched_at, p.url_id
    FROM found
    CROSS JOIN page_search ON page_search.rowid = found.text_id
    JOIN pages p ON p.url_id = found.url_id AND p.run_id = found.run_id
    JOIN urls u ON u.id = p.url_id
    JOIN tasks t ON t.id = u.task_id
    WHERE page_search MATCH :words
    ORDER BY found.rank, found.url_id
    """

  /// Of a page, with its task and its fetch.
  private static let isAsked = """
    CASE WHEN :task IS NULL THEN NOT EXISTS (
        SELECT 1 FROM fetches later WHERE later.id > f.id AND later.change IS NOT NULL AND later.earlier_fetch_id =
          CASE WHEN f.outcome = 'not_modified' THEN coalesce(f.earlier_fetch_id, f.id) ELSE f.id END)
      ELSE t.name = :task END
    """

  /// What to ask for pages that have all of these words, and its parameters beside `:task` and `:limit`; its columns are those
  /// of `sql`. The index knows no word of a language that is written without spaces: such words are looked for as they stand,
  /// anywhere in the texts. It knows what touches them of other scripts, see `SearchText`. Cost: that of `sql`, or with such
  /// words O(bytes of the texts that have the others).
  package static func question(_ words: [String]) -> (sql: String, parameters: [String: QueryValue]) {
    let unspaced = words.filter(isUnspaced).map { $0.hasSuffix("*") ? String($0.dropLast()) : $0 }
    let others = words.filter { !isUnspaced($0) }.map(SearchText.word)
    guard let first = unspaced.first else { return (sql, ["words": .text(expression(others))]) }
    var parameters: [String: QueryValue] = ["first": .text(first)]
    var conditions: [String] = []
    var titles: [String] = []
    for (place, word) in unspaced.enumerated() {
      let pattern = word.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
      parameters["like\(place)"] = .text("%\(pattern)%")
      let isInTitle = "coalesce(x.title LIKE :like\(place) ESCAPE '\\', 0)"
      conditions.append("(\(isInTitle) OR x.text LIKE :like\(place) ESCAPE '\\')")
      titles.append(isInTitle)
    }
    if !others.isEmpty {
      parameters["words"] = .text(expression(others))
      conditions.insert("x.id IN (SELECT rowid FROM page_search WHERE page_search MATCH :words)", at: 0)
    }
    let sql = """
      WITH texts AS MATERIALIZED (
        SELECT x.id, \(titles.joined(separator: " + ")) AS titles, instr(x.text, :first) AS place
        FROM page_texts x WHERE \(conditions.joined(separator: " AND "))
      ), found AS MATERIALIZED (
        SELECT texts.id AS text_id, texts.titles, texts.place, t.name AS task, u.url, p.title, p.fetched_at, p.url_id
        FROM texts
        CROSS JOIN pages p ON p.text_id = texts.id
        JOIN urls u ON u.id = p.url_id
        JOIN tasks t ON t.id = u.task_id
        JOIN fetches f ON f.id = p.fetch_id
        WHERE \(isAsked)
        ORDER BY texts.titles DESC, p.url_id LIMIT :limit
      )
      SELECT found.task, found.url, found.title, CASE WHEN place = 0 THEN substr(x.text, 1, 60)
          ELSE iif(place > 31, '…', '') || substr(x.text, max(1, place - 30), min(30, place - 1)) || '[' || :first || ']'
            || substr(x.text, place + length(:first), 30) END
          || iif(length(x.text) > max(60, place + length(:first) + 29), '…', '') AS snippet,
        \(Schema.time("found.fetched_at")) AS fetched_at, found.url_id
      FROM found
      CROSS JOIN page_texts x ON x.id = found.text_id
      ORDER BY found.titles DESC, found.url_id
      """
    return (sql, parameters)
  }

  private static func isUnspaced(_ word: String) -> Bool {
    word.unicodeScalars.contains { UnspacedScript.contains($0.value) }
  }

  /// Whether the database has the column that `isIncomplete` reads: a file of an earlier layout has not.
  package static let canBeIncomplete =
    "SELECT EXISTS (SELECT 1 FROM pragma_table_info('database') WHERE name = 'unindexed_text_id')"
  /// Whether texts may lack in the index, since it is made anew after an upgrade.
  package static let isIncomplete = "SELECT unindexed_text_id > 0 FROM database"

  /// Whether any text is stored; with `:task`, of a page of that task. Cost: O(pages of the task) at worst.
  package static let anyText = """
    SELECT CASE WHEN :task IS NULL THEN EXISTS (SELECT 1 FROM page_texts)
      ELSE EXISTS (
        SELECT 1 FROM tasks t JOIN urls u ON u.task_id = t.id JOIN pages p ON p.url_id = u.id
        WHERE t.name = :task AND p.text_id IS NOT NULL) END
    """

  /// FTS5's expression for pages that have all of these words: a word with spaces in it is a phrase, and with a `*` behind
  /// it the beginning of a word (or of a phrase's last). Everything else in it is text, whatever it means to FTS5.
  package static func expression(_ words: [String]) -> String {
    words.map { word in
      let isPrefix = word.hasSuffix("*")
      let text = isPrefix ? String(word.dropLast()) : word
      return "\"" + text.replacing("\"", with: "\"\"") + "\"" + (isPrefix ? "*" : "")
    }.joined(separator: " ")
  }
}
