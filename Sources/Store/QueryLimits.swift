/// What a user's query may cost. A reader that lasts keeps the write-ahead log from being cut.
package struct QueryLimits: Sendable {
  /// For all statements of the text together.
  package var time: Duration
  /// Rows delivered, over all statements.
  package var rows: Int

  /// How long it may last, with the time in which the caller takes its rows.
  package var longest: Duration

  /// - Parameter longest: nil: `time` and as much again, at least 5 s more.
  package init(time: Duration = .seconds(5), rows: Int = 10_000, longest: Duration? = nil) {
    self.time = time
    self.rows = rows
    self.longest = longest ?? time + max(time, .seconds(5))
  }
}
