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

  /// What leads from version 25 to 26: a task's `v_errors` has what its own fetches of robots.txt came to, if there are any;
  /// and a redirect that names no URL, or none that can be read, is an error and a broken link. `CROSS` has SQLite begin with
  /// the fetches, as before.
  static let version26 = [
    "DROP VIEW v_errors", "DROP VIEW v_broken_links",
    """
    CREATE VIEW v_errors AS              -- URLs whose latest fetch, or that of robots.txt, brought no good answer
    SELECT t.name AS task, u.url, u.state, f.outcome, f.status,
      CASE WHEN f.outcome = 'redirected' THEN coalesce('it redirects to no URL: ' || f.redirect_to, 'it redirects to no URL')
      ELSE f.error END AS error, u.attempts, f.remote_address, \(time("f.started_at")) AS fetched_at, u.id AS url_id,
      f.id AS fetch_id, u.reason
    FROM fetches f
    CROSS JOIN urls u ON u.id = f.url_id
    JOIN tasks t ON t.id = u.task_id
    WHERE (f.outcome NOT IN ('ok', 'not_modified', 'redirected') OR f.outcome = 'redirected' AND \(leadsNowhere("u")))
      AND u.reason IS NOT 'robots_unreachable'
      AND f.id = (SELECT max(latest.id) FROM fetches latest WHERE latest.url_id = u.id)
    UNION ALL
    SELECT t.name, u.url, u.state, coalesce(f.outcome, u.reason), f.status, f.error, u.attempts, f.remote_address,
      \(time("f.started_at")), u.id, f.id, u.reason
    FROM urls u
    JOIN tasks t ON t.id = u.task_id
    LEFT JOIN (SELECT host_id, task_id, max(id) AS id FROM fetches
               WHERE url_id IS NULL AND outcome NOT IN ('ok', 'client_error', 'gone') GROUP BY host_id, task_id) own
      ON own.host_id = u.host_id AND own.task_id = u.task_id
    LEFT JOIN (SELECT host_id, max(id) AS id FROM fetches
               WHERE url_id IS NULL AND outcome NOT IN ('ok', 'client_error', 'gone') GROUP BY host_id) robots
      ON robots.host_id = u.host_id
    LEFT JOIN fetches f ON f.id = coalesce(own.id, robots.id)
    WHERE u.state = 'failed' AND u.reason = 'robots_unreachable'
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
      AND (target.reason NOT IN ('redirected', 'not_modified') AND (target.state = 'failed' OR f.status >= 400)
        OR target.reason = 'redirected' AND \(leadsNowhere("target")))
    """,
  ]

  /// Of a row of `urls` that was answered with a redirect.
  private static func leadsNowhere(_ urls: String) -> String {
    """
    ((SELECT redirect_to FROM fetches WHERE url_id = \(urls).id ORDER BY id DESC LIMIT 1) IS NULL OR EXISTS (
        SELECT 1 FROM links hop JOIN urls next ON next.id = hop.target_url_id
        WHERE hop.source_url_id = \(urls).id AND hop.kind = 'redirect' AND next.reason = 'url_invalid'))
    """
  }
}
