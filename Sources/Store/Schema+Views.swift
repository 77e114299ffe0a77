extension Schema {
  /// For people: names instead of ids, times as ISO 8601 text.
  static let views = [
    """
    CREATE VIEW v_pages AS               -- the pages of each URL's latest run
    SELECT t.name AS task, u.url, f.status, p.title, p.description, p.canonical_url, p.language, p.charset,
      p.charset_source, p.robots, p.h1, p.word_count, p.link_count, u.depth, f.content_type, f.body_bytes,
      f.time_total, \(time("p.fetched_at")) AS fetched_at, p.url_id, p.run_id, p.fetch_id
    FROM pages p
    JOIN urls u ON u.id = p.url_id
    JOIN tasks t ON t.id = u.task_id
    LEFT JOIN fetches f ON f.id = p.fetch_id
    WHERE p.run_id = (SELECT max(latest.run_id) FROM pages latest WHERE latest.url_id = p.url_id)
    """,
    """
    CREATE VIEW v_broken_links AS        -- which page links to a URL that has no good answer
    SELECT t.name AS task, source.url AS page, target.url AS link, l.kind, l.anchor, l.count, f.status,
      coalesce(f.outcome, target.reason) AS outcome, \(time("f.started_at")) AS fetched_at, l.source_url_id,
      l.target_url_id
    FROM links l
    JOIN urls target ON target.id = l.target_url_id
    JOIN urls source ON source.id = l.source_url_id
    JOIN tasks t ON t.id = source.task_id
    LEFT JOIN fetches f ON f.id = (SELECT max(latest.id) FROM fetches latest WHERE latest.url_id = target.id)
    WHERE target.state = 'failed' OR (target.state = 'done' AND f.status >= 400)
    """,
    """
    CREATE VIEW v_redirects AS           -- every redirect that was answered
    SELECT t.name AS task, u.url, f.status, f.redirect_to, \(time("f.started_at")) AS fetched_at, f.url_id,
      f.id AS fetch_id
    FROM fetches f
    JOIN urls u ON u.id = f.url_id
    JOIN tasks t ON t.id = u.task_id
    WHERE f.outcome = 'redirected'
    """,
    """
    CREATE VIEW v_errors AS              -- URLs whose latest fetch brought no good answer
    SELECT t.name AS task, u.url, u.state, f.outcome, f.status, f.error, u.attempts, f.remote_address,
      \(time("f.started_at")) AS fetched_at, u.id AS url_id, f.id AS fetch_id
    FROM fetches f
    JOIN urls u ON u.id = f.url_id
    JOIN tasks t ON t.id = u.task_id
    WHERE f.outcome NOT IN ('ok', 'not_modified', 'redirected')
      AND f.id = (SELECT max(latest.id) FROM fetches latest WHERE latest.url_id = u.id)
    """,
    """
    CREATE VIEW v_excluded AS            -- URLs that are never fetched, by which rule, and where they were found
    SELECT t.name AS task, u.url, u.reason, u.depth, via.url AS found_on,
      \(time("u.discovered_at")) AS discovered_at, u.id AS url_id
    FROM urls u
    JOIN tasks t ON t.id = u.task_id
    LEFT JOIN urls via ON via.id = u.via_url_id
    WHERE u.state = 'excluded'
    """,
    """
    CREATE VIEW v_slow_hosts AS          -- hosts, the slowest first; times in milliseconds
    SELECT h.scheme, h.name, h.port, count(*) AS fetches, round(avg(f.time_first_byte) / 1000.0, 1) AS first_byte_ms,
      round(avg(f.time_total) / 1000.0, 1) AS total_ms, round(max(f.time_total) / 1000.0, 1) AS longest_ms,
      sum(f.status IS NULL) AS without_answer, h.id AS host_id
    FROM fetches f
    JOIN hosts h ON h.id = f.host_id
    WHERE f.time_total IS NOT NULL
    GROUP BY h.id
    ORDER BY avg(f.time_total) DESC
    """,
    """
    CREATE VIEW v_duplicates AS          -- pages of one task with the same text
    SELECT t.name AS task, p.text_hash, count(*) OVER same AS copies, u.url, p.title, p.url_id
    FROM pages p
    JOIN urls u ON u.id = p.url_id
    JOIN tasks t ON t.id = u.task_id
    WHERE p.text_hash IN (SELECT text_hash FROM pages WHERE text_hash IS NOT NULL
                          GROUP BY text_hash HAVING count(DISTINCT url_id) > 1)
      AND p.run_id = (SELECT max(latest.run_id) FROM pages latest WHERE latest.url_id = p.url_id)
    WINDOW same AS (PARTITION BY u.task_id, p.text_hash)
    """,
    """
    CREATE VIEW v_tasks AS               -- tasks with their counters
    SELECT t.id, t.name, t.state, t.desired_state, t.reason, c.known, c.ready, c.delayed, c.done, c.failed,
      c.excluded, c.fetches, c.final_answers, round(100.0 * c.ok_answers / nullif(c.final_answers, 0), 1)
      AS ok_percent, c.wire_bytes, c.body_bytes, t.settings_revision, \(time("t.created_at")) AS created_at,
      \(time("t.started_at")) AS started_at, \(time("t.finished_at")) AS finished_at
    FROM tasks t
    LEFT JOIN task_counters c ON c.task_id = t.id
    """,
    """
    CREATE VIEW v_recent AS              -- the last 100 fetches, the newest first
    SELECT \(time("f.started_at")) AS fetched_at, t.name AS task,
      coalesce(u.url, h.scheme || '://' || h.name || ':' || h.port || '/robots.txt') AS url, f.status, f.outcome,
      f.body_bytes, round(f.time_total / 1000.0, 1) AS total_ms, f.attempt, f.error, f.id AS fetch_id
    FROM (SELECT * FROM fetches ORDER BY id DESC LIMIT 100) f
    LEFT JOIN urls u ON u.id = f.url_id
    LEFT JOIN hosts h ON h.id = f.host_id
    LEFT JOIN tasks t ON t.id = f.task_id
    ORDER BY f.id DESC
    """,
  ]

  /// Microseconds since 1970 as ISO 8601 text in UTC with milliseconds.
  static func time(_ column: String) -> String {
    "strftime('%Y-%m-%dT%H:%M:%fZ', \(column) / 1000000.0, 'unixepoch')"
  }
}
