extension Schema {
  /// What leads from version 29 to 30: the views of redirects, errors and exclusions begin at the tasks, so that what is asked
  /// of one task reads no row of the others, but failed fetches of robots.txt; and fetches that nothing answered have no part in
  /// the mean time to the first byte, which is 0 in their rows. (`v_pages` would need an index for it, with which a page takes 3 % more writes.)
  static let version30 = [
    "DROP VIEW v_redirects", "DROP VIEW v_errors", "DROP VIEW v_excluded", "DROP VIEW v_slow_hosts",
    """
    CREATE VIEW v_redirects AS           -- every redirect that was answered
    SELECT t.name AS task, u.url, f.status, f.redirect_to, \(time("f.started_at")) AS fetched_at, f.url_id,
      f.id AS fetch_id
    FROM tasks t
    JOIN fetches f ON f.task_id = t.id
    JOIN urls u ON u.id = f.url_id
    WHERE \(areFew("t")) AND f.outcome = 'redirected' AND f.outcome <> 'ok'
    """,
    """
    CREATE VIEW v_errors AS              -- URLs whose latest fetch, or that of robots.txt, brought no good answer
    SELECT t.name AS task, u.url, u.state, f.outcome, f.status, CASE WHEN f.outcome <> 'redirected' THEN f.error
      WHEN f.redirect_to IS NULL THEN 'it redirects to no URL'
      ELSE CASE (SELECT next.reason FROM links hop JOIN urls next ON next.id = hop.target_url_id
          WHERE hop.source_url_id = u.id AND hop.kind = 'redirect')
        WHEN 'url_invalid' THEN 'it redirects to no URL: ' WHEN 'scheme_refused' THEN 'it redirects to no http URL: '
        ELSE 'its redirects lead nowhere: ' END || f.redirect_to END AS error,
      u.attempts, f.remote_address, \(time("f.started_at")) AS fetched_at, u.id AS url_id, f.id AS fetch_id, u.reason
    FROM tasks t
    JOIN fetches f ON f.task_id = t.id
    JOIN urls u ON u.id = f.url_id
    WHERE \(areFew("t")) AND f.outcome <> 'ok'
      AND (f.outcome NOT IN ('not_modified', 'redirected') OR f.outcome = 'redirected' AND \(endsNowhere("u")))
      AND u.reason IS NOT 'robots_unreachable'
      AND f.id = (SELECT max(latest.id) FROM fetches latest WHERE latest.url_id = u.id)
    UNION ALL
    SELECT t.name, u.url, u.state, coalesce(f.outcome, u.reason), f.status, f.error, u.attempts, f.remote_address,
      \(time("f.started_at")), u.id, f.id, u.reason
    FROM tasks t
    JOIN urls u ON u.task_id = t.id
    LEFT JOIN (SELECT host_id, task_id, max(id) AS id FROM fetches
               WHERE url_id IS NULL AND outcome NOT IN ('ok', 'client_error', 'gone') GROUP BY host_id, task_id) own
      ON own.host_id = u.host_id AND own.task_id = u.task_id
    LEFT JOIN (SELECT host_id, max(id) AS id FROM fetches
               WHERE url_id IS NULL AND outcome NOT IN ('ok', 'client_error', 'gone') GROUP BY host_id) robots
      ON robots.host_id = u.host_id
    LEFT JOIN fetches f ON f.id = coalesce(own.id, robots.id)
    WHERE \(areFew("t")) AND u.state = 'failed' AND u.reason = 'robots_unreachable' AND u.reason IS NOT NULL
    """,
    """
    CREATE VIEW v_excluded AS            -- URLs that are never fetched, by which rule, and where they were found
    SELECT t.name AS task, u.url, u.reason, u.depth, via.url AS found_on,
      \(time("u.discovered_at")) AS discovered_at, u.id AS url_id, v.handler, v.words
    FROM tasks t
    JOIN urls u ON u.task_id = t.id
    LEFT JOIN urls via ON via.id = u.via_url_id
    LEFT JOIN handler_verdicts v
      ON u.reason = 'handler' AND v.task_id = u.task_id AND v.url = u.url AND v.verdict = 'drop'
    WHERE \(areFew("t")) AND u.state = 'excluded' AND u.reason IS NOT NULL
    """,
    """
    CREATE VIEW v_slow_hosts AS          -- hosts, the slowest first; times in milliseconds
    SELECT h.scheme, h.name, h.port, s.fetches, round(s.first_byte / 1000.0, 1) AS first_byte_ms,
      round(s.total / 1000.0, 1) AS total_ms, round(s.longest / 1000.0, 1) AS longest_ms, s.without_answer,
      h.id AS host_id
    FROM (
      SELECT host_id, count(*) AS fetches, avg(CASE WHEN status IS NOT NULL THEN time_first_byte END) AS first_byte,
        avg(time_total) AS total, max(time_total) AS longest, sum(status IS NULL) AS without_answer
      FROM fetches WHERE time_total IS NOT NULL GROUP BY host_id
    ) s
    JOIN hosts h ON h.id = s.host_id
    ORDER BY s.total DESC
    """,
  ]

  /// What is true of every row of `tasks`, as a hint: SQLite, which takes each table for one of a million rows, begins there
  /// unless less is read otherwise. What a view asks of `outcome` and `reason` twice has it use the indexes that leave rows
  /// out.
  private static func areFew(_ tasks: String) -> String { "likelihood(\(tasks).run_id >= 0, 0.000001)" }
}
