extension Schema {
  static let frontierTables = [
    """
    CREATE TABLE hosts (                 -- what was ever asked: scheme, name and port, shared by all tasks
      id                 INTEGER PRIMARY KEY,
      scheme             TEXT NOT NULL,   -- http or https
      name               TEXT NOT NULL,   -- as in a URL: ASCII, IPv6 in brackets
      port               INTEGER NOT NULL,
      registrable_domain TEXT,            -- NULL for addresses and public suffixes
      robots_state       TEXT,            -- known (robots_text rules), none (all is allowed), unreachable (nothing is)
      robots_fetched_at  INTEGER,         -- microseconds since 1970 UTC
      robots_expires_at  INTEGER,         -- microseconds since 1970 UTC
      crawl_delay        INTEGER,         -- microseconds from start to start that robots.txt asks for
      next_fetch_at      INTEGER,         -- microseconds since 1970 UTC; no fetch before
      blocked_until      INTEGER,         -- microseconds since 1970 UTC; no fetch before, see block_reason
      block_reason       TEXT,            -- retry_after user robots
      robots_text        BLOB             -- robots.txt as received; CAST(robots_text AS TEXT) shows it
    ) STRICT
    """,
    """
    CREATE TABLE urls (                  -- every URL ever offered to a task, with its fate
      id            INTEGER PRIMARY KEY,
      task_id       INTEGER NOT NULL REFERENCES tasks (id),
      host_id       INTEGER REFERENCES hosts (id), -- NULL when it names no host that could be asked
      url           TEXT NOT NULL,        -- WHATWG serialisation without fragment
      fingerprint   INTEGER NOT NULL,     -- SipHash-1-3 of the canonical form; unique within a task
      depth         INTEGER NOT NULL,     -- 0 for seeds; a link adds 1
      redirects     INTEGER NOT NULL,     -- redirects that led here in a row
      priority      INTEGER NOT NULL,     -- lower comes first within a host's queue
      state         TEXT NOT NULL,        -- ready delayed done failed excluded
      -- delayed: the outcome of the last attempt; done: the outcome when it was not ok (redirected client_error ...);
      -- failed: the last outcome, or robots_unreachable; excluded: by which rule: scope include exclude depth robots
      -- nofollow follow (only links of kinds that the task does not follow name it) trap_length trap_repeat
      -- trap_segments budget_host budget_pattern url_invalid scheme_refused redirect_limit address_refused blocked_host
      reason        TEXT,
      due_at        INTEGER,              -- delayed: microseconds since 1970 UTC
      attempts      INTEGER NOT NULL,     -- fetches so far that count; aborted ones don't
      via_url_id    INTEGER REFERENCES urls (id),  -- where it was found first; NULL for seeds
      discovered_at INTEGER NOT NULL,     -- microseconds since 1970 UTC
      run_id        INTEGER NOT NULL REFERENCES runs (id) -- the run that found it
    ) STRICT
    """,
  ]

  static let resultTables = [
    """
    CREATE TABLE fetches (               -- one row per attempt
      id                     INTEGER PRIMARY KEY,
      url_id                 INTEGER REFERENCES urls (id),  -- NULL: the robots.txt of host_id
      host_id                INTEGER REFERENCES hosts (id),
      task_id                INTEGER NOT NULL REFERENCES tasks (id),
      run_id                 INTEGER NOT NULL REFERENCES runs (id),
      attempt                INTEGER NOT NULL, -- 1 for the first
      settings_revision      INTEGER NOT NULL, -- the task's settings that it obeyed
      started_at             INTEGER NOT NULL, -- microseconds since 1970 UTC
      status                 INTEGER,          -- the HTTP status; NULL without an answer
      outcome                TEXT NOT NULL,    -- ok not_modified redirected client_error dns_not_found ... (closed list)
      error                  TEXT,             -- a sentence, when there is more to say than the outcome
      http_version           TEXT,             -- 1.0 1.1 2 3
      remote_address         TEXT,             -- the address that was asked
      reused                 INTEGER NOT NULL, -- 1: on a connection that had served before
      redirect_to            TEXT,             -- where the answer redirects to
      wire_bytes             INTEGER NOT NULL, -- received, headers included, before decoding
      body_bytes             INTEGER NOT NULL, -- of the decoded body
      content_type           TEXT,
      content_encoding       TEXT,
      truncated              INTEGER NOT NULL, -- 1: the body was cut at a limit
      retry_after            INTEGER,          -- microseconds that Retry-After asked for
      etag                   TEXT,
      last_modified          TEXT,
      -- How long each step took, in microseconds; 0 for a step that was not needed.
      time_queue             INTEGER,          -- waiting for a place among the fetches in flight
      time_dns               INTEGER,          -- the name's address
      time_connect           INTEGER,          -- TCP
      time_tls               INTEGER,          -- the TLS handshake
      time_first_byte        INTEGER,          -- from the request to the first byte of the answer
      time_total             INTEGER,          -- everything, the queue included
      tls_version            TEXT,
      certificate_expires_at INTEGER,          -- microseconds since 1970 UTC
      request_headers        BLOB,             -- zstd, with --store body
      response_headers       BLOB,             -- zstd, with --store body
      body_hash              BLOB              -- the key of the body in bodies, with --store body
    ) STRICT
    """,
    """
    CREATE TABLE pages (                 -- what was read from a body, per URL and run
      url_id         INTEGER NOT NULL REFERENCES urls (id),
      run_id         INTEGER NOT NULL REFERENCES runs (id),
      fetch_id       INTEGER NOT NULL REFERENCES fetches (id),
      title          TEXT,
      description    TEXT,                -- meta description
      canonical_url  TEXT,                -- link rel=canonical
      language       TEXT,
      charset        TEXT,
      charset_source TEXT,                -- bom http meta utf8 (it reads as such) default (windows-1252)
      robots         TEXT,                -- the directives of meta robots
      h1             TEXT,                -- the first one
      word_count     INTEGER,
      text_hash      INTEGER,             -- of the text; equal texts have equal hashes
      simhash        INTEGER,             -- of the text; similar texts differ in few bits; NULL when not computed
      link_count     INTEGER NOT NULL,    -- its rows in links: targets and kinds
      fetched_at     INTEGER NOT NULL,    -- microseconds since 1970 UTC
      PRIMARY KEY (url_id, run_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE links (                 -- of each page's latest fetch: one row per target and kind
      source_url_id INTEGER NOT NULL REFERENCES urls (id),
      target_url_id INTEGER NOT NULL REFERENCES urls (id),
      -- a area base link link-next link-prev canonical alternate stylesheet icon iframe frame img script source track
      -- video audio embed object input form meta-refresh refresh (the HTTP header) redirect sitemap
      kind          TEXT NOT NULL,
      rel           TEXT,
      anchor        TEXT,                 -- the text of the link
      position      INTEGER NOT NULL,     -- place of its first occurrence among the page's links, from 0
      count         INTEGER NOT NULL,     -- occurrences
      PRIMARY KEY (source_url_id, target_url_id, kind)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE bodies (                -- decoded bodies, once per content, with --store body
      hash  BLOB PRIMARY KEY,
      codec TEXT NOT NULL,                -- how bytes is compressed
      bytes BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
  ]

  static let indexes = [
    "CREATE UNIQUE INDEX hosts_name ON hosts (scheme, name, port)",
    "CREATE INDEX urls_ready ON urls (task_id, host_id, priority, depth, id) WHERE state = 'ready'",
    "CREATE INDEX urls_delayed ON urls (due_at, task_id) WHERE state = 'delayed'",
    "CREATE INDEX urls_seeds ON urls (task_id, id) WHERE via_url_id IS NULL",
    "CREATE INDEX fetches_url ON fetches (url_id)",
    "CREATE INDEX task_events_task ON task_events (task_id, id)",
    "CREATE INDEX runs_task ON runs (task_id, number)",
  ]
}
