extension Schema {
  /// What leads from version 9 to 10: what handlers drop and rewrite, and their failed calls.
  static let version10 = [
    """
    CREATE TABLE handler_verdicts (      -- URLs that a filter-url handler dropped or rewrote, as it said first
      task_id       INTEGER NOT NULL REFERENCES tasks (id),
      url           TEXT NOT NULL,        -- as it was found: WHATWG serialisation without fragment
      handler       TEXT NOT NULL,        -- its name
      verdict       TEXT NOT NULL,        -- drop (urls has it as excluded, reason handler) rewrite
      words         TEXT NOT NULL,        -- drop: the handler's own; rewrite: the URL that was offered instead
      source_url_id INTEGER NOT NULL REFERENCES urls (id), -- whose visit found it
      PRIMARY KEY (task_id, url)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE handler_failures (      -- calls of handlers that brought no answer
      id      INTEGER PRIMARY KEY,
      task_id INTEGER NOT NULL REFERENCES tasks (id),
      url_id  INTEGER REFERENCES urls (id), -- the URL whose visit it was part of; NULL: none
      handler TEXT NOT NULL,              -- its name
      kind    TEXT NOT NULL,              -- what it was asked: filter-url
      at      INTEGER NOT NULL,           -- microseconds since 1970 UTC
      reason  TEXT NOT NULL,              -- timeout ended too_long invalid error not_started unavailable
      detail  TEXT NOT NULL               -- a sentence
    ) STRICT
    """,
    "CREATE INDEX handler_failures_task ON handler_failures (task_id)",
    "DROP VIEW v_excluded",
    """
    CREATE VIEW v_excluded AS            -- URLs that are never fetched, by which rule, and where they were found
    SELECT t.name AS task, u.url, u.reason, u.depth, via.url AS found_on,
      \(time("u.discovered_at")) AS discovered_at, u.id AS url_id, v.handler, v.words
    FROM urls u
    JOIN tasks t ON t.id = u.task_id
    LEFT JOIN urls via ON via.id = u.via_url_id
    LEFT JOIN handler_verdicts v
      ON u.reason = 'handler' AND v.task_id = u.task_id AND v.url = u.url AND v.verdict = 'drop'
    WHERE u.state = 'excluded'
    """,
    """
    CREATE VIEW v_handler_failures AS    -- failed calls of handlers, the latest first
    SELECT t.name AS task, u.url, f.handler, f.kind, f.reason, f.detail, \(time("f.at")) AS at, f.task_id, f.url_id, f.id
    FROM handler_failures f
    JOIN tasks t ON t.id = f.task_id
    LEFT JOIN urls u ON u.id = f.url_id
    ORDER BY f.id DESC
    """,
  ]

  /// What leads from version 15 to 16: what handlers say of pages.
  static let version16 = [
    """
    ALTER TABLE pages ADD COLUMN fields TEXT /* what on-page handlers say of it: a JSON object of objects by the handlers'
      names; NULL: nothing */
    """,
    "DROP VIEW v_pages",
    """
    CREATE VIEW v_pages AS               -- the pages of each URL's latest run
    SELECT t.name AS task, u.url, f.status, p.title, p.description, p.canonical_url, p.language, p.charset,
      p.charset_source, p.robots, p.h1, p.word_count, p.link_count, u.depth,
      coalesce(f.content_type, held.content_type) AS content_type, coalesce(held.body_bytes, f.body_bytes) AS body_bytes,
      f.time_total, \(time("p.fetched_at")) AS fetched_at, p.url_id, p.run_id, p.fetch_id, f.change, p.fields
    FROM pages p
    JOIN urls u ON u.id = p.url_id
    JOIN tasks t ON t.id = u.task_id
    LEFT JOIN fetches f ON f.id = p.fetch_id
    LEFT JOIN fetches held ON held.id = f.earlier_fetch_id AND f.outcome = 'not_modified'
    WHERE p.run_id = (SELECT max(latest.run_id) FROM pages latest WHERE latest.url_id = p.url_id)
    """,
  ]

  /// What leads from version 16 to 17: ends of tasks that handlers are to be told of.
  static let version17 = [
    """
    ALTER TABLE tasks ADD COLUMN untold INTEGER NOT NULL DEFAULT 0 /* 1: it has ended, and its on-task-done handlers are
      still to be told */
    """
  ]
}
