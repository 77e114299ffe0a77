extension Schema {
  /// What leads from version 31 to 32 of the full-text index: vowel signs of Indic scripts are parts of words, and words of
  /// other scripts that touch Han, kana or Thai are found (`SearchText`). The old index becomes `page_search_old`, which is
  /// deleted when all texts are in the new one, see `Store.indexTexts`.
  static let newSearch: [String] =
    [
      """
      ALTER TABLE database ADD COLUMN unindexed_text_id INTEGER NOT NULL DEFAULT 0 /* texts with ids up to it may not be in
        page_search yet */
      """,
      "UPDATE database SET unindexed_text_id = coalesce((SELECT max(id) FROM page_texts), 0)",
      "DROP TRIGGER page_texts_added",
      "DROP TRIGGER page_texts_removed",
      "ALTER TABLE page_search RENAME TO page_search_old",
      """
      CREATE VIEW page_search_texts AS     -- what page_search has of texts; search_text is a function of this program
      SELECT id, search_text(title) AS title, search_text(text) AS text FROM page_texts
      """,
      """
      CREATE VIRTUAL TABLE page_search USING fts5(title, text, content='page_search_texts', content_rowid='id', \
      tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'")
      """,
      """
      CREATE TRIGGER page_texts_added AFTER INSERT ON page_texts BEGIN
        INSERT INTO page_search (rowid, title, text) VALUES (new.id, search_text(new.title), search_text(new.text));
      END
      """,
      """
      CREATE TRIGGER page_texts_removed AFTER DELETE ON page_texts
      WHEN EXISTS (SELECT 1 FROM page_search_docsize WHERE id = old.id) BEGIN
        INSERT INTO page_search (page_search, rowid, title, text)
        VALUES ('delete', old.id, search_text(old.title), search_text(old.text));
      END
      """,
    ] + version21
}
