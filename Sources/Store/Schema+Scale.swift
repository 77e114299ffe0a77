extension Schema {
  /// What leads from version 17 to 18: the views answer their first rows at once, with a million URLs too, and pairs of
  /// texts that are nearly the same are stored instead of sought by each question. `unlikely` makes SQLite begin there.
  static let version18 = [
    """
    ALTER TABLE tasks ADD COLUMN compared INTEGER NOT NULL DEFAULT 0 /* its fetches when its texts were compared last,
      see near_duplicates */
    """,
    """
    CREATE TABLE near_duplicates (       -- pairs of different texts of a task whose simhashes differ in at most 3 bits
      task_id      INTEGER NOT NULL REFERENCES tasks (id),
      url_id       INTEGER NOT NULL REFERENCES urls (id), -- the first page that has the one text
      other_url_id INTEGER NOT NULL REFERENCES urls (id), -- the first page that has the other; greater than url_id
      distance     INTEGER NOT NULL,     -- bits in which the simhashes differ
      PRIMARY KEY (task_id, url_id, other_url_id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX pages_simhash ON pages (run_id, text_hash, simhash) WHERE simhash IS NOT NULL",
    "CREATE INDEX urls_reason ON urls (task_id, state, reason) WHERE reason IS NOT NULL",
    "CREATE INDEX fetches_outcome ON fetches (task_id, id, outcome) WHERE outcome <> 'ok'",
    "DROP VIEW v_near_duplicates", "DROP VIEW v_broken_links", "DROP VIEW v_slow_hosts", "DROP VIEW v_duplicates",
    """
    CREATE VIEW v_near_duplicates AS     -- pairs of texts of one task whose simhashes differ in 1 to 3 bits, or in none
    SELECT t.name AS task, n.distance, one.url, other.url AS other_url, n.url_id, n.other_url_id
    FROM near_duplicates n
    JOIN tasks t ON t.id = n.task_id
    JOIN urls one ON one.id = n.url_id
    JOIN urls other ON other.id = n.other_url_id
    """,
    """
    CREATE VIEW v_broken_links AS        -- which page links to a URL that has no good answer
    SELECT t.name AS task, source.url AS page, target.url AS link, l.kind, l.anchor, l.count, f.status,
      coalesce(f.outcome, target.reason) AS outcome, \(time("f.started_at")) AS fetched_at, l.source_url_id,
      l.target_url_id
    FROM urls target
    JOIN tasks t ON t.id = target.task_id
    JOIN links l ON l.target_url_id = target.id
    JOIN urls source ON source.id = l.source_url_id
    LEFT JOIN fetches f ON f.id = (SELECT max(latest.id) FROM fetches latest WHERE latest.url_id = target.id)
    WHERE target.reason IS NOT NULL AND unlikely(target.state IN ('failed', 'done'))
      AND target.reason NOT IN ('redirected', 'not_modified') AND (target.state = 'failed' OR f.status >= 400)
    """,
    """
    CREATE VIEW v_slow_hosts AS          -- hosts, the slowest first; times in milliseconds
    SELECT h.scheme, h.name, h.port, s.fetches, round(s.first_byte / 1000.0, 1) AS first_byte_ms,
      round(s.total / 1000.0, 1) AS total_ms, round(s.longest / 1000.0, 1) AS longest_ms, s.without_answer,
      h.id AS host_id
    FROM (
      SELECT host_id, count(*) AS fetches, avg(time_first_byte) AS first_byte, avg(time_total) AS total,
        max(time_total) AS longest, sum(status IS NULL) AS without_answer
      FROM fetches WHERE time_total IS NOT NULL GROUP BY host_id
    ) s
    JOIN hosts h ON h.id = s.host_id
    ORDER BY s.total DESC
    """,
    """
    CREATE VIEW v_duplicates AS          -- pages of one task with the same text
    SELECT t.name AS task, same.text_hash, same.copies, u.url, p.title, p.url_id
    FROM (
      SELECT run_id, text_hash, count(*) AS copies FROM pages WHERE text_hash IS NOT NULL
      GROUP BY run_id, text_hash HAVING count(*) > 1
    ) same
    JOIN pages p ON p.run_id = same.run_id AND p.text_hash = same.text_hash
    JOIN urls u ON u.id = p.url_id
    JOIN tasks t ON t.id = u.task_id
    """,
  ]

  /// What leads from version 19 to 20: the latest errors of a task are found among any number of redirects and pages that
  /// were not modified; what is compared counts fetches, which no retry takes back; and what an earlier program's removal
  /// left behind when it was broken off.
  static let version20 = [
    "DROP INDEX fetches_outcome",
    "CREATE INDEX fetches_outcome ON fetches (task_id, outcome) WHERE outcome <> 'ok'",
    "UPDATE tasks SET compared = 0",
    """
    UPDATE fetches SET earlier_fetch_id = NULL WHERE earlier_fetch_id IS NOT NULL \
    AND NOT EXISTS (SELECT 1 FROM fetches earlier WHERE earlier.id = fetches.earlier_fetch_id)
    """,
  ]

  /// What leads from version 22 to 23: how many seeds a task has is counted with them, not at each start.
  static let version23 = [
    "ALTER TABLE task_counters ADD COLUMN seeds INTEGER NOT NULL DEFAULT 0 /* rows of urls that are seeds */",
    """
    UPDATE task_counters SET seeds = (SELECT count(*) FROM urls INDEXED BY urls_seeds \
    WHERE via_url_id IS NULL AND urls.task_id = task_counters.task_id AND depth = 0)
    """,
  ]

  /// Built when a task ends, see `Store.buildResultIndexes`: what answers who links to a page, which pages have the same
  /// text, and how slow hosts are. The first crawl of a database does not pay for them.
  static let resultIndexes = [
    "CREATE INDEX IF NOT EXISTS links_target ON links (target_url_id)",
    "CREATE INDEX IF NOT EXISTS pages_text_hash ON pages (run_id, text_hash) WHERE text_hash IS NOT NULL",
    """
    CREATE INDEX IF NOT EXISTS fetches_host ON fetches (host_id, id, time_total, time_first_byte, status) \
    WHERE time_total IS NOT NULL
    """,
  ]
}
