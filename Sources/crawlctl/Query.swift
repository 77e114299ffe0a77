package import ArgumentParser
import Control
import Store
import Units

/// `crawlctl query SQL`
package struct Query: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Asks the results database in SQL, read-only, while the crawl runs.",
    discussion: """
      For example: crawlctl query 'SELECT status, url, title FROM v_pages LIMIT 20'. The views v_pages v_broken_links \
      v_redirects v_errors v_excluded v_changes v_slow_hosts v_duplicates v_tasks v_recent are made for people; --schema shows \
      every table with its columns explained.
      """)

  @Argument(help: ArgumentHelp("One or more SELECT statements.", valueName: "sql"))
  var sql: String?

  @Option(name: [.short, .long], help: ArgumentHelp("Read the statements from a file (- = stdin).", valueName: "path"))
  var file: String?

  @Option(
    help: ArgumentHelp("The database; needs no daemon (default: that of the running daemon).", valueName: "path"))
  var database: String?

  @Flag(help: "Show the tables and views, every column explained.")
  var schema = false

  @Option(help: ArgumentHelp("How long it may take.", valueName: "duration"))
  var timeout = "5s"

  @Option(help: ArgumentHelp("How many rows at most.", valueName: "n"))
  var limit = 10_000

  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func validate() throws {
    let sources = [sql != nil, file != nil, schema].filter { $0 }.count
    if sources != 1 { throw ValidationError("one of these is needed: a statement, --file, or --schema") }
    if limit < 1 { throw ValidationError("--limit takes 1 or more rows") }
    _ = try time()
  }

  package func run() throws {
    let text = try file.map(FileText.read) ?? sql
    let session = try QuerySession(path: try path())
    guard let text else { return Output.write(try session.schema()) }
    if text.allSatisfy(\.isWhitespace) { throw Failure(.usage, "crawlctl: there is no statement to run") }
    let limits = QueryLimits(time: try time(), rows: limit)
    var printer: any RowPrinter = daemon.json ? JSONRowPrinter() : TableRowPrinter()
    defer { printer.end() }
    let outcome = try session.run(text, limits: limits, begin: { printer.begin($0) }, row: { printer.row($0) })
    if outcome.isTruncated {
      printer.end()
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

  /// The database that was named, or that of the daemon.
  private func path() throws -> String {
    if let database { return database }
    do {
      return try Session.ask(DaemonStatus.self, NoParameters(), daemon).database
    } catch let error as ControlError where error.code == .unreachable {
      throw Failure(.unreachable, "crawlctl: \(error.message); or name the file with --database")
    }
  }
}
