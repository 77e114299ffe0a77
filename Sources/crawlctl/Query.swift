package import ArgumentParser
import Control
import Store
import Units

/// `crawlctl query SQL`
package struct Query: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Asks the results database in SQL, read-only, while the crawl runs.",
    usage: "crawlctl query (<sql> | --file <path> | --schema) [<options>]",
    discussion: """
      For example: crawlctl query 'SELECT status, url, title FROM v_pages LIMIT 20', or crawlctl query --param task=docs \
      -f config/queries/broken-links.sql; that folder answers the usual questions. The views v_pages v_broken_links \
      v_redirects v_errors v_excluded v_changes v_slow_hosts v_duplicates v_near_duplicates v_texts v_tasks v_recent v_handler_failures v_settings are made for people; --schema \
      explains every column of every table and view. It runs at a nice value of 10, so that the crawl has the processor \
      first. A reader keeps the write-ahead log from being cut: time in which rows are printed is not counted as the \
      query's, but with it the query ends after twice its --timeout at the latest, or 5 s after it. A table has 64 MiB at \
      most; --json and csv have no such limit.
      """)

  @Argument(help: ArgumentHelp("One or more SELECT statements.", valueName: "sql"))
  var sql: String?

  @Option(name: [.short, .long], help: ArgumentHelp("Read the statements from a file (- = stdin).", valueName: "path"))
  var file: [String] = []

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "A value for :name in the statements: a number if it is written as one prints (5, 1.5), else a text (1.10); repeatable.",
      valueName: "name=value"))
  package var param: [String] = []

  @Option(
    help: ArgumentHelp(
      "table, csv (inert in spreadsheets), json (an object per row), or markdown (default: table).", valueName: "format"
    ))
  var format: RowFormat?

  @Option(
    help: ArgumentHelp("The database; needs no daemon (default: that of the running daemon).", valueName: "path"))
  var database: String?

  @Flag(help: "Show every column of every table and view with its meaning.")
  var schema = false

  @Option(help: ArgumentHelp("How long it may take, by the clock.", valueName: "duration"))
  var timeout = "5s"

  @Option(help: ArgumentHelp("How many rows at most.", valueName: "n"))
  var limit = 10_000

  @OptionGroup var table: TableOptions
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func validate() throws {
    let sources = (sql == nil ? 0 : 1) + file.count + (schema ? 1 : 0)
    if sources != 1 { throw ValidationError("one of these is needed, once: a statement, --file, or --schema") }
    if limit < 1 { throw ValidationError("--limit takes 1 or more rows") }
    if daemon.json, format != nil, format != .json { throw ValidationError("either --json or --format, not both") }
    _ = try QueryParameters.read(param)
    _ = try TimeLimit.parse(timeout)
  }

  package func run() throws {
    let text = try file.first.map(FileText.read) ?? sql
    Niceness.giveWay()
    let session = try QuerySession(path: try DatabasePath.find(database: database, daemon))
    let format = daemon.json ? .json : format ?? .table
    guard let text else { return try showDictionary(of: session, format) }
    if text.allSatisfy(\.isWhitespace) { throw Failure(.usage, "crawlctl: there is no statement to run") }
    let limits = QueryLimits(time: try TimeLimit.parse(timeout), rows: limit)
    let parameters = try QueryParameters.read(param)
    let output = QueryOutput(session, format, width: table.width)
    let outcome = try output.run(text, limits: limits, parameters: parameters)
    if outcome.isTruncated { Output.diagnostic("crawlctl: there are more rows than \(limit); --limit N shows more") }
    // The rows are there, whatever becomes of this.
    if let hint = try? QueryParameters.hint(parameters, rows: outcome.rows, session) { Output.diagnostic(hint) }
  }

  private func showDictionary(of session: QuerySession, _ format: RowFormat) throws {
    let rows = try session.dictionary().map { [$0.table, $0.kind, $0.column, $0.type, $0.meaning] }
    let names = ["table", "kind", "column", "type", "meaning"]
    guard format == .table else { return try format.show(names, rows.map { $0.map(QueryValue.text) }, Output.write) }
    var dictionary = TextTable([
      .init("table"), .init("kind", leaves: .first), .init("column"), .init("type"), .init("meaning", wraps: 24),
    ])
    for row in rows { dictionary.append(row) }
    Output.table(dictionary, table)
  }
}
