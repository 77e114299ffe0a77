extension Schema {
  /// What leads from version 6 to 7: `v_errors` has the URLs that failed because their host's robots.txt could not be
  /// read, with what the latest try to read it came to.
  static let version7 = [
    "DROP VIEW v_errors",
    """
    CREATE VIEW v_errors AS              -- URLs whose latest fetch, or that of robots.txt, brought no good answer
    SELECT t.name AS task, u.url, u.state, f.outcome, f.status, f.error, u.attempts, f.remote_address,
      \(time("f.started_at")) AS fetched_at, u.id AS url_id, f.id AS fetch_id, u.reason
    FROM fetches f
    JOIN urls u ON u.id = f.url_id
    JOIN tasks t ON t.id = u.task_id
    WHERE f.outcome NOT IN ('ok', 'not_modified', 'redirected') AND u.reason IS NOT 'robots_unreachable'
      AND f.id = (SELECT max(latest.id) FROM fetches latest WHERE latest.url_id = u.id)
    UNION ALL
    SELECT t.name, u.url, u.state, coalesce(f.outcome, u.reason), f.status, f.error, u.attempts, f.remote_address,
      \(time("f.started_at")), u.id, f.id, u.reason
    FROM urls u
    JOIN tasks t ON t.id = u.task_id
    LEFT JOIN (SELECT host_id, max(id) AS id FROM fetches
               WHERE url_id IS NULL AND outcome NOT IN ('ok', 'client_error', 'gone') GROUP BY host_id) robots
      ON robots.host_id = u.host_id
    LEFT JOIN fetches f ON f.id = robots.id
    WHERE u.state = 'failed' AND u.reason = 'robots_unreachable'
    """,
  ]
}
