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
      WHERE page_search MATCH :words AND CASE WHEN :task IS NULL THEN NOT EXISTS (
          SELECT 1 FROM fetches later WHERE later.id > f.id AND later.change IS NOT NULL AND later.earlier_fetch_id =
            CASE WHEN f.outcome = 'not_modified' THEN coalesce(f.earlier_fetch_id, f.id) ELSE f.id END)
        ELSE t.name = :task END
      ORDER BY rank, p.url_id LIMIT :limit
    )
    SELECT t.name AS task, u.url, p.title, snippet(page_search, 1, '[', ']', '…', 24) AS snippet,
      \(Schema.time("p.fetched_at")) AS fetched_at, p.url_id
    FROM found
    CROSS JOIN page_search ON page_search.rowid = found.text_id
    JOIN pages p ON p.url_id = found.url_id AND p.run_id = found.run_id
    JOIN urls u ON u.id = p.url_id
    JOIN tasks t ON t.id = u.task_id
    WHERE page_search MATCH :words
    ORDER BY found.rank, found.url_id
    """

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
