extension Schema {
  /// What leads from version 31 to 32: from when the time of a task that a retry took up again counts moves when the clock is
  /// set, which the time of the event cannot; a handler's failed calls about a page are found by the page; and by which name the
  /// recrawls of a recrawl are numbered, since a name that a user gave may end with a number, too: of recrawls that there are it
  /// is what stands before the number. Which crawls are of the same URLs is known also when the one is gone from which they
  /// branch, and of which a later one need not read those before.
  static let version32 = [
    """
    ALTER TABLE tasks ADD COLUMN retried_at INTEGER /* microseconds since 1970 UTC; a retry took it up after its end: max_time
      counts from there; NULL: none did */
    """,
    """
    UPDATE tasks SET retried_at =
      (SELECT at FROM task_events e WHERE e.task_id = tasks.id AND e.action = 'retry' ORDER BY e.id DESC LIMIT 1)
    """,
    "DROP INDEX handler_failures_task",
    "CREATE INDEX handler_failures_task ON handler_failures (task_id, url_id)",
    """
    ALTER TABLE tasks ADD COLUMN series TEXT /* a recrawl that was named by number: the name before that; NULL: it has its own */
    """,
    "ALTER TABLE tasks ADD COLUMN first_task_id INTEGER /* of the crawls of the same URLs the first, also when that is gone */",
    """
    WITH RECURSIVE chain (id, first_task_id) AS (
      SELECT id, id FROM tasks WHERE recrawl_of IS NULL
      UNION ALL
      SELECT t.id, chain.first_task_id FROM chain JOIN tasks t ON t.recrawl_of = chain.id
    )
    UPDATE tasks SET first_task_id = chain.first_task_id FROM chain WHERE chain.id = tasks.id
    """,
    """
    UPDATE tasks SET series = substr(rtrim(name, '0123456789'), 1, length(rtrim(name, '0123456789')) - 1)
    WHERE rtrim(name, '0123456789') LIKE '_%-' AND name NOT LIKE '%-' AND (recrawl_of IS NOT NULL OR EXISTS (
      SELECT 1 FROM task_events e WHERE e.task_id = tasks.id AND e.action = 'add' AND e.actor = 'schedule'))
    """,
    """
    ALTER TABLE tasks ADD COLUMN covers_earlier INTEGER /* a recrawl that knows of all pages of the crawls before it what is
      there: a digest of which they were and how much they had fetched; NULL: it lacks some, or is none */
    """,
  ]
}
