extension Schema {
  /// What leads from version 10 to 11: texts of pages, a full-text index over them, and pages that are nearly the same.
  static let version11 = [
    """
    CREATE TABLE page_texts (            -- visible texts of pages, once per content, with --store text
      id    INTEGER PRIMARY KEY,
      hash  BLOB NOT NULL UNIQUE,        -- SHA-256 of title and text
      title TEXT,
      text  TEXT NOT NULL                -- white space collapsed
    ) STRICT
    """,
    """
    CREATE VIRTUAL TABLE page_search USING fts5(title, text, content='page_texts', content_rowid='id', \
    tokenize='unicode61 remove_diacritics 2')
    """,
    """
    CREATE TRIGGER page_texts_added AFTER INSERT ON page_texts BEGIN
      INSERT INTO page_search (rowid, title, text) VALUES (new.id, new.title, new.text);
    END
    """,
    """
    CREATE TRIGGER page_texts_removed AFTER DELETE ON page_texts BEGIN
      INSERT INTO page_search (page_search, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);
    END
    """,
    """
    ALTER TABLE pages ADD COLUMN text_id INTEGER REFERENCES page_texts (id) /* its text, with --store text */
    """,
    "CREATE INDEX pages_text ON pages (text_id) WHERE text_id IS NOT NULL",
    "CREATE INDEX fetches_earlier ON fetches (earlier_fetch_id) WHERE earlier_fetch_id IS NOT NULL",
    """
    CREATE VIEW v_texts AS               -- pages with their visible texts
    SELECT t.name AS task, u.url, x.title, x.text, p.language, p.word_count, \(time("p.fetched_at")) AS fetched_at, p.url_id,
      p.text_id
    FROM pages p
    JOIN page_texts x ON x.id = p.text_id
    JOIN urls u ON u.id = p.url_id
    JOIN tasks t ON t.id = u.task_id
    """,
    nearDuplicates,
  ]

  /// What leads from version 11 to 12: bodies in the order in which they came, so that to add one does not move others.
  /// No version before had any.
  static let version12 = [
    "DROP TABLE bodies",
    """
    CREATE TABLE bodies (                -- decoded bodies, once per content, with --store body
      id    INTEGER PRIMARY KEY,
      hash  BLOB NOT NULL UNIQUE,        -- SHA-256 of the body; fetches.body_hash
      codec TEXT NOT NULL,               -- how bytes is compressed: zstd none
      size  INTEGER NOT NULL,            -- bytes of the body
      bytes BLOB NOT NULL                -- the body, compressed
    ) STRICT
    """,
    "CREATE INDEX fetches_body ON fetches (body_hash) WHERE body_hash IS NOT NULL",
  ]

  /// What leads from version 20 to 21: a transaction that changes texts merges nothing in the full-text index itself, see
  /// `MergeSchedule`. Steps begin with 16 segments of a level (the most that FTS5 takes): the more at once, the fewer times
  /// each page is written. 500 of a level, which is out of reach as long as steps succeed, are merged by whatever finds them:
  /// FTS5 refuses texts beyond 2,000.
  static let version21 = [("automerge", 0), ("usermerge", 16), ("crisismerge", 500)].map { name, value in
    "INSERT INTO page_search (page_search, rank) VALUES ('\(name)', \(value))"
  }

  /// Two simhashes that differ in at most 3 of their 64 bits agree in one of four bands of 16 bits, so only texts that
  /// share a band are compared (Manku et al. 2007, section 3). SQLite has neither an exclusive or nor a count of bits.
  private static let nearDuplicates = """
    CREATE VIEW v_near_duplicates AS     -- pairs of texts of one task whose simhashes differ in 1 to 3 bits, or in none
    WITH texts AS MATERIALIZED (
      SELECT u.task_id, p.text_hash, p.simhash, min(p.url_id) AS url_id, count(*) AS copies
      FROM pages p JOIN urls u ON u.id = p.url_id WHERE p.simhash IS NOT NULL GROUP BY u.task_id, p.text_hash
    ), bands AS MATERIALIZED (
      SELECT texts.*, band.number, texts.simhash >> 16 * band.number & 0xFFFF AS bits
      FROM texts JOIN (SELECT 0 AS number UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) band
    ), pairs AS (
      SELECT DISTINCT a.task_id, a.url_id, b.url_id AS other_url_id,
        (a.simhash | b.simhash) & ~(a.simhash & b.simhash) AS difference
      FROM bands a JOIN bands b
        ON b.task_id = a.task_id AND b.number = a.number AND b.bits = a.bits AND b.url_id > a.url_id
    ), twos AS (
      SELECT pairs.*, (difference & 0x55555555) + (difference >> 1 & 0x55555555) AS low,
        (difference >> 32 & 0x55555555) + (difference >> 33 & 0x55555555) AS high FROM pairs
    ), fours AS (
      SELECT twos.*, (low & 0x33333333) + (low >> 2 & 0x33333333) + (high & 0x33333333) + (high >> 2 & 0x33333333) AS sums
      FROM twos
    ), distances AS (
      SELECT fours.*, ((sums & 0x0F0F0F0F) + (sums >> 4 & 0x0F0F0F0F)) * 0x01010101 >> 24 & 0xFF AS distance FROM fours
    )
    SELECT t.name AS task, d.distance, one.url, other.url AS other_url, d.url_id, d.other_url_id
    FROM distances d
    JOIN tasks t ON t.id = d.task_id
    JOIN urls one ON one.id = d.url_id
    JOIN urls other ON other.id = d.other_url_id
    WHERE d.distance <= 3
    """
}
