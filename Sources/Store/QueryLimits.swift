/// What a user's query may cost. A reader that lasts keeps the write-ahead log from being cut.
package struct QueryLimits: Sendable {
  /// For all statements of the text together.
  package var time: Duration
  /// Rows delivered, over all statements.
  package var rows: Int

  package init(time: Duration = .seconds(5), rows: Int = 10_000) {
    self.time = time
    self.rows = rows
  }
}
