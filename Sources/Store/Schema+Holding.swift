extension Schema {
  /// What leads from version 26 to 27: how long the page is that a 304 says still holds, also when the crawl is removed that
  /// fetched it; and redirects that lead to no http URL, never end or are too many are errors and broken links.
  static let version27 = [
    """
    ALTER TABLE fetches ADD COLUMN content_bytes INTEGER /* of not_modified: bytes of the decoded body that still holds;
      NULL while the fetch that brought it is there */
    """,
    "DROP VIEW v_pages", "DROP VIEW v_changes", "DROP VIEW v_errors", "DROP VIEW v_broken_links",
    """
    CREATE VIEW v_pages AS               -- the pages of each URL's latest run
    SELECT t.name AS task, u.url, f.status, p.title, p.description, p.canonical_url, p.language, p.charset,
      p.charset_source, p.robots, p.h1, p.word_count, p.link_count, u.depth,
      coalesce(f.content_type, held.content_type) AS content_type, \(bodyBytes("f", "held")) AS body_bytes,
      f.time_total, \(time("p.fetched_at")) AS fetched_at, p.url_id, p.run_id, p.fetch_id, f.change, p.fields
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
      CASE WHEN was.url_id IS NOT NULL THEN p.text_hash IS NOT was.text_hash END AS text_differs,
      \(bodyBytes("f", "earlier")) AS body_bytes, \(bodyBytes("earlier", nil)) AS was_body_bytes,
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
    CREATE VIEW v_errors AS              -- URLs whose latest fetch, or that of robots.txt, brought no good answer
    SELECT t.name AS task, u.url, u.state, f.outcome, f.status, CASE WHEN f.outcome <> 'redirected' THEN f.error
      WHEN f.redirect_to IS NULL THEN 'it redirects to no URL'
      ELSE CASE (SELECT next.reason FROM links hop JOIN urls next ON next.id = hop.target_url_id
          WHERE hop.source_url_id = u.id AND hop.kind = 'redirect')
        WHEN 'url_invalid' THEN 'it redirects to no URL: ' WHEN 'scheme_refused' THEN 'it redirects to no http URL: '
        ELSE 'its redirects lead nowhere: ' END || f.redirect_to END AS error,
      u.attempts, f.remote_address, \(time("f.started_at")) AS fetched_at, u.id AS url_id, f.id AS fetch_id, u.reason
    FROM fetches f
    CROSS JOIN urls u ON u.id = f.url_id
    JOIN tasks t ON t.id = u.task_id
    WHERE (f.outcome NOT IN ('ok', 'not_modified', 'redirected') OR f.outcome = 'redirected' AND \(endsNowhere("u")))
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
    CREATE VIEW v_broken_links AS        -- which page links to a URL that has no good answer, or redirects to none
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
        OR target.reason = 'redirected' AND \(endsNowhere("target")))
    """,
  ]

  /// The length of the body that a row of `fetches` is about: of a 304 that of the body that still holds, which the row `held`
  /// has, if it is there.
  static func bodyBytes(_ fetch: String, _ held: String?) -> String {
    let hash = held.map { "coalesce(\(fetch).body_hash, \($0).body_hash)" } ?? "\(fetch).body_hash"
    let length = held.map {
      ",\n        CASE WHEN \($0).outcome IS NOT 'not_modified' THEN \($0).body_bytes ELSE \($0).content_bytes END"
    }
    return """
      CASE WHEN \(fetch).outcome IS NOT 'not_modified' THEN \(fetch).body_bytes
        ELSE coalesce(\(fetch).content_bytes\(length ?? ""), (SELECT size FROM bodies WHERE hash = \(hash))) END
      """
  }

  /// Of a row of `urls` that was answered with a redirect: whether it names no URL, or none of those that redirects lead to from
  /// there on has, or may yet have, another answer. It goes a hundred hops: a site may make one chain of all of its URLs.
  static func endsNowhere(_ urls: String) -> String {
    """
    ((SELECT redirect_to FROM fetches WHERE url_id = \(urls).id ORDER BY id DESC LIMIT 1) IS NULL OR (
        WITH RECURSIVE way (id) AS (
          SELECT target_url_id FROM links WHERE source_url_id = \(urls).id AND kind = 'redirect'
          UNION
          SELECT hop.target_url_id FROM way
          JOIN urls passed ON passed.id = way.id AND passed.reason = 'redirected'
          JOIN links hop ON hop.source_url_id = way.id AND hop.kind = 'redirect'
          LIMIT 100
        )
        SELECT min(coalesce(next.reason, '') IN ('redirected', 'url_invalid', 'scheme_refused', 'redirect_limit'))
        FROM way JOIN urls next ON next.id = way.id))
    """
  }
}
