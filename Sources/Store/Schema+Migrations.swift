extension Schema {
  /// What leads from version 1 to 2.
  ///
  /// The text of a column that is added goes into the table's as it stands, so it ends without a line comment.
  static let version2 = [
    """
    ALTER TABLE fetches ADD COLUMN tls_verified INTEGER /* https: 1: the certificate had to be right; 0: any was taken */
    """
  ]

  /// What leads from version 2 to 3.
  static let version3 = [
    """
    CREATE TABLE cookies (               -- what servers have stored with tasks that keep cookies
      task_id    INTEGER NOT NULL REFERENCES tasks (id),
      domain     TEXT NOT NULL,          -- the host that set it, or the domain that it named
      path       TEXT NOT NULL,          -- it goes to this path and those below
      name       TEXT NOT NULL,
      host_only  INTEGER NOT NULL,       -- 1: it goes to that very host; 0: to hosts below it, too
      value      TEXT NOT NULL,
      secure     INTEGER NOT NULL,       -- 1: it goes over https alone
      expires_at INTEGER,                -- microseconds since 1970 UTC; NULL: it lasts as long as the task
      created_at INTEGER NOT NULL,       -- microseconds since 1970 UTC
      PRIMARY KEY (task_id, domain, path, name, host_only)
    ) STRICT, WITHOUT ROWID
    """
  ]

  /// What leads from version 5 to 6.
  static let version6 = [
    """
    ALTER TABLE fetches ADD COLUMN proxy TEXT /* the name of the proxy, whose address is then in remote_address */
    """
  ]

  /// What leads from version 7 to 8: a user's block and what the host asked for no longer share one place.
  static let version8 = [
    """
    ALTER TABLE hosts ADD COLUMN user_blocked_until INTEGER /* microseconds since 1970 UTC; no fetch before, as a user said */
    """,
    """
    UPDATE hosts SET user_blocked_until = blocked_until, blocked_until = NULL, block_reason = NULL \
    WHERE block_reason = 'user'
    """,
    """
    CREATE INDEX hosts_blocked ON hosts (id) WHERE blocked_until IS NOT NULL OR user_blocked_until IS NOT NULL
    """,
  ]

  /// What leads from version 8 to 9.
  static let version9 = [
    """
    ALTER TABLE tasks ADD COLUMN open INTEGER NOT NULL DEFAULT 0 /* 1: more seeds may come, it does not finish before it is
      sealed */
    """
  ]

  /// What leads from version 12 to 13: `v_duplicates` counts within a task alone; a recrawl has every page once more.
  static let version13 = [
    "DROP VIEW v_duplicates",
    """
    CREATE VIEW v_duplicates AS          -- pages of one task with the same text
    SELECT task, text_hash, copies, url, title, url_id
    FROM (
      SELECT t.name AS task, p.text_hash, count(*) OVER same AS copies, u.url, p.title, p.url_id
      FROM pages p
      JOIN urls u ON u.id = p.url_id
      JOIN tasks t ON t.id = u.task_id
      WHERE p.text_hash IS NOT NULL
        AND p.run_id = (SELECT max(latest.run_id) FROM pages latest WHERE latest.url_id = p.url_id)
      WINDOW same AS (PARTITION BY t.name, p.text_hash)
    )
    WHERE copies > 1
    """,
  ]

  /// What leads from version 13 to 14: what users want of a host.
  static let version14 = [
    """
    ALTER TABLE hosts ADD COLUMN user_delay INTEGER /* microseconds from start to start, as a user said; NULL: as tasks do */
    """,
    "ALTER TABLE hosts ADD COLUMN user_concurrency INTEGER /* fetches at once, as a user said; NULL: as tasks do */",
    "ALTER TABLE hosts ADD COLUMN user_budget INTEGER /* URLs per task, as a user said; NULL: as tasks do */",
    """
    CREATE INDEX hosts_set ON hosts (id)
    WHERE user_delay IS NOT NULL OR user_concurrency IS NOT NULL OR user_budget IS NOT NULL
    """,
  ]

  /// What leads from version 14 to 15.
  static let version15 = [
    """
    ALTER TABLE tasks ADD COLUMN next_run_at INTEGER /* microseconds since 1970 UTC; a recrawl starts then; NULL: none does */
    """
  ]
}
