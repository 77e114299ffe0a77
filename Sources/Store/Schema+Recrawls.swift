extension Schema {
  /// Version 4: what a crawl that visits an earlier one's URLs again found there, and by what the two are compared.
  static let version4: [String] =
    recrawlColumns + changeCounters.map { "ALTER TABLE task_counters ADD COLUMN\n      \($0)" } + recrawlIndexes
    + ["DROP VIEW v_pages", "DROP VIEW v_tasks"] + recrawlViews

  /// Version 5: the text of `runs` says what a run is since a recrawl is a task.
  static let version5 = [
    """
    CREATE TABLE runs_of_tasks (         -- each beginning of a task; a recrawl is a task, see tasks.recrawl_of
      id          INTEGER PRIMARY KEY,
      task_id     INTEGER NOT NULL REFERENCES tasks (id),
      number      INTEGER NOT NULL,       -- 1 for a task's first run
      started_at  INTEGER,                -- microseconds since 1970 UTC
      finished_at INTEGER                 -- microseconds since 1970 UTC
    ) STRICT
    """,
    "INSERT INTO runs_of_tasks SELECT id, task_id, number, started_at, finished_at FROM runs",
    "DROP TABLE runs", "ALTER TABLE runs_of_tasks RENAME TO runs",
    "CREATE INDEX runs_task ON runs (task_id, number)",
  ]

  /// Version 19: recrawls that have more seeds than one transaction takes over.
  static let version19 = [
    """
    ALTER TABLE tasks ADD COLUMN lacks_seeds INTEGER NOT NULL DEFAULT 0 /* 1: a recrawl that is still taking over the seeds
      of recrawl_of; it fetches when it has all */
    """
  ]

  /// What leads from version 24 to 25: of a page whose earlier crawl is gone, `v_changes` does not say that its text was
  /// another one, nor `v_pages` that its body has no bytes.
  static let version25 = [
    "DROP VIEW v_pages",
    """
    CREATE VIEW v_pages AS               -- the pages of each URL's latest run
    SELECT t.name AS task, u.url, f.status, p.title, p.description, p.canonical_url, p.language, p.charset,
      p.charset_source, p.robots, p.h1, p.word_count, p.link_count, u.depth,
      coalesce(f.content_type, held.content_type) AS content_type, CASE WHEN f.outcome IS NOT 'not_modified' THEN f.body_bytes
      ELSE coalesce(CASE WHEN held.outcome IS NOT 'not_modified' THEN held.body_bytes END,
        (SELECT size FROM bodies WHERE hash = coalesce(f.body_hash, held.body_hash))) END AS body_bytes,
      f.time_total, \(time("p.fetched_at")) AS fetched_at, p.url_id, p.run_id, p.fetch_id, f.change, p.fields
    FROM pages p
    JOIN urls u ON u.id = p.url_id
    JOIN tasks t ON t.id = u.task_id
    LEFT JOIN fetches f ON f.id = p.fetch_id
    LEFT JOIN fetches held ON held.id = f.earlier_fetch_id AND f.outcome = 'not_modified'
    WHERE p.run_id = (SELECT max(latest.run_id) FROM pages latest WHERE latest.url_id = p.url_id)
    """,
    "DROP VIEW v_changes",
    """
    CREATE VIEW v_changes AS             -- what recrawls found, beside what earlier crawls have (names with was_)
    SELECT t.name AS task, u.url, f.change, f.status, f.redirect_to, p.title, was.title AS was_title,
      CASE WHEN was.url_id IS NOT NULL THEN p.text_hash IS NOT was.text_hash END AS text_differs, f.body_bytes,
      CASE WHEN earlier.outcome IS NOT 'not_modified' THEN earlier.body_bytes
      ELSE (SELECT size FROM bodies WHERE hash = earlier.body_hash) END AS was_body_bytes, \(time("f.started_at")) AS fetched_at,
      \(time("earlier.started_at")) AS was_fetched_at, f.task_id, f.url_id, f.id AS fetch_id, f.earlier_fetch_id
    FROM fetches f
    JOIN urls u ON u.id = f.url_id
    JOIN tasks t ON t.id = f.task_id
    LEFT JOIN fetches earlier ON earlier.id = f.earlier_fetch_id
    LEFT JOIN pages p ON p.url_id = f.url_id AND p.run_id = f.run_id
    LEFT JOIN pages was ON was.url_id = earlier.url_id AND was.run_id = earlier.run_id
    WHERE f.change IS NOT NULL
    """,
  ]

  // SQLite keeps the text of a column as it stands here. A comment within it has to be closed.
  private static let recrawlColumns = [
    """
    ALTER TABLE tasks ADD COLUMN
      recrawl_of INTEGER REFERENCES tasks (id) /* the task whose URLs it visits again; NULL: none
      */
    """,
    """
    ALTER TABLE fetches ADD COLUMN
      content_hash INTEGER /* of the whole decoded body of a success: equal bodies have equal hashes. Of not_modified
      that of the body that still holds, as are etag and last_modified unless the answer has its own
      */
    """,
    """
    ALTER TABLE fetches ADD COLUMN
      change TEXT /* in a recrawl, beside what earlier crawls have of the URL: new (they have no page) changed unchanged
      (fetched whole, other or same content_hash) not_modified (304) gone (a page before, now 404 or 410) moved (a page
      before, now a redirect); NULL when the fetch tells nothing of it, as after a timeout
      */
    """,
    """
    ALTER TABLE fetches ADD COLUMN
      earlier_fetch_id INTEGER REFERENCES fetches (id) /* in a recrawl: the fetch that brought what earlier crawls have
      of the URL, whole; it holds the content of not_modified. NULL: they have none
      */
    """,
  ]

  private static let changeCounters = [
    "new INTEGER NOT NULL DEFAULT 0 /* fetches by change */", "changed INTEGER NOT NULL DEFAULT 0",
    "unchanged INTEGER NOT NULL DEFAULT 0", "not_modified INTEGER NOT NULL DEFAULT 0",
    "gone INTEGER NOT NULL DEFAULT 0", "moved INTEGER NOT NULL DEFAULT 0",
  ]

  private static let recrawlIndexes = [
    "CREATE INDEX fetches_change ON fetches (task_id, change) WHERE change IS NOT NULL"
  ]

  private static let recrawlViews = [
    """
    CREATE VIEW v_pages AS               -- the pages of each URL's latest run
    SELECT t.name AS task, u.url, f.status, p.title, p.description, p.canonical_url, p.language, p.charset,
      p.charset_source, p.robots, p.h1, p.word_count, p.link_count, u.depth,
      coalesce(f.content_type, held.content_type) AS content_type, coalesce(held.body_bytes, f.body_bytes) AS body_bytes,
      f.time_total, \(time("p.fetched_at")) AS fetched_at, p.url_id, p.run_id, p.fetch_id, f.change
    FROM pages p
    JOIN urls u ON u.id = p.url_id
    JOIN tasks t ON t.id = u.task_id
    LEFT JOIN fetches f ON f.id = p.fetch_id
    LEFT JOIN fetches held ON held.id = f.earlier_fetch_id AND f.outcome = 'not_modified'
    WHERE p.run_id = (SELECT max(latest.run_id) FROM pages latest WHERE latest.url_id = p.url_id)
    """,
    """
    CREATE VIEW v_changes AS             -- what recrawls found, beside what earlier crawls have (names with was_)
    SELECT t.name AS task, u.url, f.change, f.status, f.redirect_to, p.title, was.title AS was_title,
      p.text_hash IS NOT was.text_hash AS text_differs, f.body_bytes, earlier.body_bytes AS was_body_bytes,
      \(time("f.started_at")) AS fetched_at, \(time("earlier.started_at")) AS was_fetched_at, f.task_id, f.url_id,
      f.id AS fetch_id, f.earlier_fetch_id
    FROM fetches f
    JOIN urls u ON u.id = f.url_id
    JOIN tasks t ON t.id = f.task_id
    LEFT JOIN fetches earlier ON earlier.id = f.earlier_fetch_id
    LEFT JOIN pages p ON p.url_id = f.url_id AND p.run_id = f.run_id
    LEFT JOIN pages was ON was.url_id = earlier.url_id AND was.run_id = earlier.run_id
    WHERE f.change IS NOT NULL
    """,
    """
    CREATE VIEW v_tasks AS               -- tasks with their counters
    SELECT t.id, t.name, t.state, t.desired_state, t.reason, c.known, c.ready, c.delayed, c.done, c.failed,
      c.excluded, c.fetches, c.final_answers, round(100.0 * c.ok_answers / nullif(c.final_answers, 0), 1)
      AS ok_percent, c.wire_bytes, c.body_bytes, t.settings_revision, \(time("t.created_at")) AS created_at,
      \(time("t.started_at")) AS started_at, \(time("t.finished_at")) AS finished_at, t.recrawl_of, c.new, c.changed,
      c.unchanged, c.not_modified, c.gone, c.moved
    FROM tasks t
    LEFT JOIN task_counters c ON c.task_id = t.id
    """,
  ]
}
