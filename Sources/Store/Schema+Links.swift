extension Schema {
  /// What leads from version 28 to 29: which pages have more links than are stored.
  static let version29 = [
    """
    ALTER TABLE pages ADD COLUMN links_truncated INTEGER /* 1: it has links that a limit has kept from links; NULL: an
      earlier program read it, which did not say */
    """,
    "DROP VIEW v_pages",
    """
    CREATE VIEW v_pages AS               -- the pages of each URL's latest run
    SELECT t.name AS task, u.url, f.status, p.title, p.description, p.canonical_url, p.language, p.charset,
      p.charset_source, p.robots, p.h1, p.word_count, p.link_count, u.depth,
      coalesce(f.content_type, held.content_type) AS content_type, \(bodyBytes("f", "held")) AS body_bytes,
      f.time_total, \(time("p.fetched_at")) AS fetched_at, p.url_id, p.run_id, p.fetch_id, f.change, p.fields,
      p.links_truncated
    FROM pages p
    JOIN urls u ON u.id = p.url_id
    JOIN tasks t ON t.id = u.task_id
    LEFT JOIN fetches f ON f.id = p.fetch_id
    LEFT JOIN fetches held ON held.id = f.earlier_fetch_id AND f.outcome = 'not_modified'
    WHERE p.run_id = (SELECT max(latest.run_id) FROM pages latest WHERE latest.url_id = p.url_id)
    """,
  ]
}
