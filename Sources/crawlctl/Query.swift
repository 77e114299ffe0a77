package import ArgumentParser
import Control
import Store
import Units

/// `crawlctl query SQL`
package struct Query: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Asks the results database in SQL, read-only, while the crawl runs.",
    discussion: """
      For example: crawlctl query 'SELECT status, url, title FROM v_pages LIMIT 20', or crawlctl query --param task=docs \
      -f config/queries/broken-links.sql; that folder answers the usual questions. The views v_pages v_broken_links \
      v_redirects v_errors v_excluded v_changes v_slow_hosts v_duplicates v_near_duplicates v_texts v_tasks v_recent v_handler_failures are made for people; --schema \
      explains every column of every table and view. It runs at a nice value of 10, so that the crawl has the processor \
      first.
      """)

  @Argument(help: ArgumentHelp("One or more SELECT statements.", valueName: "sql"))
  var sql: String?

  @Option(name: [.short, .long], help: ArgumentHelp("Read the statements from a file (- = stdin).", valueName: "path"))
  var file: String?

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

  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func validate() throws {
    let sources = [sql != nil, file != nil, schema].filter { $0 }.count
    if sources != 1 { throw ValidationError("one of these is needed: a statement, --file, or --schema") }
    if limit < 1 { throw ValidationError("--limit takes 1 or more rows") }
    if daemon.json, format != nil, format != .json { throw ValidationError("either --json or --format, not both") }
    _ = try QueryParameters.read(param)
    _ = try time()
  }

  package func run() throws {
    let text = try file.map(FileText.read) ?? sql
    Niceness.giveWay()
    let session = try QuerySession(path: try DatabasePath.find(database: database, daemon))
    let format = daemon.json ? .json : format ?? .table
    guard let text else {
      let rows = try session.dictionary().map { entry in
        [entry.table, entry.kind, entry.column, entry.type, entry.meaning].map(QueryValue.text)
      }
      return format.show(["table", "kind", "column", "type", "meaning"], rows, Output.write)
    }
    let held = HeldOutput(limit: 64 << 20, Output.write)
    var printer = format.printer(held.append)
    defer {
      printer.end()
      held.flush()
    }
    if text.allSatisfy(\.isWhitespace) { throw Failure(.usage, "crawlctl: there is no statement to run") }
    let limits = QueryLimits(time: try time(), rows: limit)
    let outcome = try session.run(
      text, limits: limits, parameters: try QueryParameters.read(param), begin: { printer.begin($0) },
      row: { printer.row($0) })
    if outcome.isTruncated {
      printer.end()
      held.flush()
      Output.diagnostic("crawlctl: there are more rows than \(limit); --limit N shows more")
    }
  }

  private func time() throws -> Duration {
    do {
      return try DurationText.parse(timeout)
    } catch {
      throw ValidationError("--timeout: \(error)")
    }
  }
}
