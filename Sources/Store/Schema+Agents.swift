extension Schema {
  /// As whom the daemon's own requests have been made, see `AgentRecord`.
  static let agents = [
    """
    CREATE TABLE agents (                -- as whom requests are made whose task says nothing else: a row for each change
      id             INTEGER PRIMARY KEY,
      first_fetch_id INTEGER NOT NULL,   -- fetches from this one on were made as it, up to the next row's
      user_agent     TEXT NOT NULL,
      product_token  TEXT NOT NULL,
      http_version   TEXT NOT NULL,      -- the highest that is offered: 2 1.1
      verify_tls     INTEGER NOT NULL
    ) STRICT
    """,
    """
    ALTER TABLE hosts ADD COLUMN robots_agent_id INTEGER REFERENCES agents (id) /* as whom robots_text was asked for;
      NULL: as the first */
    """,
  ]
}
