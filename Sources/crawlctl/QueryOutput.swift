import Store

/// The rows of a query on their way to stdout.
///
/// Up to 64 MiB of them are kept until the query has ended; a reader that takes what is more too slowly ends it, since it
/// would keep an old state of the database, and with it the write-ahead log, for as long.
final class QueryOutput {
  private static let limit = 64 << 20

  private let session: QuerySession
  private let held = HeldOutput(Output.write)
  private var printer: any RowPrinter

  init(_ session: QuerySession, _ format: RowFormat, width: Int?) {
    self.session = session
    printer = format.printer(held.append, width: width)
  }

  /// Shows the rows of all statements; those that came before an error as well.
  func run(
    _ sql: String, limits: QueryLimits, parameters: [String: QueryValue]
  ) throws -> QuerySession.Outcome {
    defer {
      printer.end()
      held.flush()
    }
    return try session.run(
      sql, limits: limits, parameters: parameters,
      begin: { columns in
        printer.begin(columns)
        try give(limits)
      },
      row: { values in
        try printer.row(values)
        try give(limits)
      })
  }

  private func give(_ limits: QueryLimits) throws {
    if held.count > Self.limit, !held.flush(within: session.rest) { throw QueryError.lastedTooLong(limits.longest) }
  }
}
