extension Schema {
  /// What leads from version 31 to 32: from when the time of a task that a retry took up again counts moves when the clock is
  /// set, which the time of the event cannot.
  static let version32 = [
    """
    ALTER TABLE tasks ADD COLUMN retried_at INTEGER /* microseconds since 1970 UTC; a retry took it up after its end: max_time
      counts from there; NULL: none did */
    """,
    """
    UPDATE tasks SET retried_at =
      (SELECT at FROM task_events e WHERE e.task_id = tasks.id AND e.action = 'retry' ORDER BY e.id DESC LIMIT 1)
    """,
  ]
}
