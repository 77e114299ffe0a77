extension Schema {
  static let databaseTables = [
    """
    CREATE TABLE database (              -- the file itself; one row
      id              INTEGER PRIMARY KEY CHECK (id = 1),
      created_at      INTEGER NOT NULL,  -- microseconds since 1970 UTC
      fingerprint_key BLOB NOT NULL,     -- 16 random bytes, the key of urls.fingerprint (SipHash-1-3)
      product_version TEXT NOT NULL      -- of the program that created the file
    ) STRICT
    """
  ]

  static let taskTables = [
    """
    CREATE TABLE tasks (                 -- what a user submitted: seeds and settings
      id                INTEGER PRIMARY KEY,
      name              TEXT NOT NULL,
      client_key        TEXT UNIQUE,      -- the client's own key; a repeated "add" with it finds this task
      state             TEXT NOT NULL,    -- queued running pausing paused scheduled cancelling cancelled finished failed removing
      desired_state     TEXT NOT NULL,    -- what the user asked for; written before the reply, kept over a restart
      reason            TEXT,             -- why: user quota_pages quota_bytes quota_time no_answer disk database ...
      settings          TEXT NOT NULL,    -- JSON
      settings_revision INTEGER NOT NULL, -- counts the changes of the settings
      run_id            INTEGER NOT NULL, -- the run in progress or the last one
      created_at        INTEGER NOT NULL, -- microseconds since 1970 UTC
      started_at        INTEGER,          -- microseconds since 1970 UTC
      finished_at       INTEGER           -- microseconds since 1970 UTC
    ) STRICT
    """,
    """
    CREATE TABLE task_counters (         -- one row per task; committed with the rows that it counts
      task_id       INTEGER PRIMARY KEY REFERENCES tasks (id),
      known         INTEGER NOT NULL DEFAULT 0,  -- rows of urls
      ready         INTEGER NOT NULL DEFAULT 0,  -- urls in state ready, those in flight included
      delayed       INTEGER NOT NULL DEFAULT 0,  -- urls in state delayed
      done          INTEGER NOT NULL DEFAULT 0,  -- urls in state done
      failed        INTEGER NOT NULL DEFAULT 0,  -- urls in state failed
      excluded      INTEGER NOT NULL DEFAULT 0,  -- urls in state excluded
      fetches       INTEGER NOT NULL DEFAULT 0,  -- rows of fetches, robots.txt included
      final_answers INTEGER NOT NULL DEFAULT 0,  -- visits with a final HTTP answer
      ok_answers    INTEGER NOT NULL DEFAULT 0,  -- final answers that were 2xx or 304
      wire_bytes    INTEGER NOT NULL DEFAULT 0,  -- sum of fetches.wire_bytes
      body_bytes    INTEGER NOT NULL DEFAULT 0   -- sum of fetches.body_bytes
    ) STRICT
    """,
    """
    CREATE TABLE task_events (           -- every change of a task, oldest first
      id                INTEGER PRIMARY KEY,
      task_id           INTEGER NOT NULL REFERENCES tasks (id),
      at                INTEGER NOT NULL, -- microseconds since 1970 UTC
      actor             TEXT NOT NULL,    -- who: a user, or the daemon
      action            TEXT NOT NULL,    -- the verb: add pause resume cancel set finish ...
      from_state        TEXT,
      to_state          TEXT,
      reason            TEXT,
      settings_revision INTEGER           -- the revision that the action led to
    ) STRICT
    """,
    """
    CREATE TABLE runs (                  -- a recrawl is a new run of the same task
      id          INTEGER PRIMARY KEY,
      task_id     INTEGER NOT NULL REFERENCES tasks (id),
      number      INTEGER NOT NULL,       -- 1 for a task's first run
      started_at  INTEGER,                -- microseconds since 1970 UTC
      finished_at INTEGER                 -- microseconds since 1970 UTC
    ) STRICT
    """,
  ]
}
