/// The clock was set: the times to come that are written down move with it, and those that are over stay over.
package struct ClockShift: Sendable, Equatable {
  /// By so many microseconds, back when negative.
  package var microseconds: Int64
  /// Tasks that have not ended, by id, and when they started by the new setting: their `max_time` counts from there.
  package var startedAt: [Int64: Int64]

  package init(microseconds: Int64, startedAt: [Int64: Int64] = [:]) {
    self.microseconds = microseconds
    self.startedAt = startedAt
  }

  /// Writes it, within the transaction of the caller. Cost: a scan of all hosts, and the delayed URLs.
  func apply(to database: Database) throws(StoreError) {
    let urls = try database.statement(
      "UPDATE urls INDEXED BY urls_delayed SET due_at = due_at + ?1 WHERE state = 'delayed'")
    urls.bind(1, microseconds)
    try urls.run()
    let hosts = try database.statement(
      """
      UPDATE hosts SET next_fetch_at = next_fetch_at + ?1, blocked_until = blocked_until + ?1, \
      user_blocked_until = user_blocked_until + ?1 \
      WHERE next_fetch_at IS NOT NULL OR blocked_until IS NOT NULL OR user_blocked_until IS NOT NULL
      """)
    hosts.bind(1, microseconds)
    try hosts.run()
    let schedule = try database.statement(
      "UPDATE tasks SET next_run_at = next_run_at + ?1 WHERE next_run_at IS NOT NULL")
    schedule.bind(1, microseconds)
    try schedule.run()
    let retries = try database.statement(
      "UPDATE tasks SET retried_at = retried_at + ?1 WHERE retried_at IS NOT NULL AND finished_at IS NULL")
    retries.bind(1, microseconds)
    try retries.run()
    for (statement, tasks) in [
      (try database.statement("UPDATE tasks SET started_at = ?2 WHERE id = ?1"), startedAt),
      (
        try database.statement("UPDATE runs SET started_at = ?2 WHERE task_id = ?1 AND finished_at IS NULL"), startedAt
      ),
    ] {
      for (id, time) in tasks {
        statement.bind(1, id)
        statement.bind(2, time)
        try statement.run()
      }
    }
  }
}

/// A future time, and the setting of the clock that it refers to. When it is stored, it is converted to the setting that
/// the database has then: shifts may have been committed since, or still wait among the visits.
package struct DueTime: Sendable, Equatable {
  /// Since 1970 UTC.
  package var microseconds: Int64
  /// The sum of the shifts that were appended when it was told.
  package var clockJumps: Int64

  package init(_ microseconds: Int64, clockJumps: Int64) {
    self.microseconds = microseconds
    self.clockJumps = clockJumps
  }
}
