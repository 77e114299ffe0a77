package import ArgumentParser
import Store
import Units

/// `crawlctl diff [EARLIER] LATER`
package struct CompareTasks: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Says which pages a task found other than an earlier one did.",
    discussion: """
      Of a recrawl alone, beside the task whose URLs it visits again; of two tasks, whatever they are, beside the first. A \
      URL has a page when its last answer was a success: new, changed (another body), moved (a redirect now), gone (404 or \
      410 now), missing (the later task did not come to it, or got no such answer). It runs at a nice value of 10, so that \
      the crawl has the processor first.

      TASK@TIME is, of TASK, the crawls before it and its recrawls, the one that began last up to that time, as 2026-12-24 or \
      2026-12-24T18:00:00Z (UTC unless it says otherwise): crawlctl diff docs@2026-11-01 docs@2026-12-01.
      """)

  @Argument(
    help: ArgumentHelp(
      "The earlier task, if it is not the one that was crawled again, and the later; each also as TASK@TIME.",
      valueName: "task"), completion: .tasks)
  var tasks: [String]
  @Option(help: ArgumentHelp("How long it may take, by the clock.", valueName: "duration")) var timeout = "1m"
  @Option(
    help: ArgumentHelp("The database; needs no daemon (default: that of the running daemon).", valueName: "path"))
  var database: String?
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func validate() throws {
    if tasks.count > 2 { throw ValidationError("one task, or an earlier and a later one") }
    _ = try TimeLimit.parse(timeout)
  }

  package func run() throws {
    Niceness.giveWay()
    let session = try QuerySession(path: try DatabasePath.find(database: database, daemon))
    let names = try tasks.map { try Self.name(of: $0, session) }
    let later = names[names.count - 1]
    let earlier = names.count == 2 ? names[0] : try self.earlier(than: later, session)
    let limits = QueryLimits(time: try TimeLimit.parse(timeout), rows: .max)
    let parameters = ["earlier": QueryValue.text(earlier), "later": .text(later)]
    if daemon.json {
      let outcome = try QueryOutput(session, .json, width: nil).run(
        TaskComparison.sql, limits: limits, parameters: parameters)
      if outcome.rows == 0 { Output.diagnostic("\(later) has the pages that \(earlier) has, unchanged") }
      return
    }
    // It keeps its rows until its end, when nothing is read any more.
    var printer = RowFormat.table.printer(Output.write, width: Output.width)
    var rows = 0
    _ = try session.run(
      TaskComparison.sql, limits: limits, parameters: parameters, begin: { printer.begin($0) },
      row: {
        try printer.row($0)
        rows += 1
      })
    if rows > 0 { return printer.end() }
    Output.diagnostic("\(later) has the pages that \(earlier) has, unchanged")
  }

  /// The name of the task that TASK or TASK@TIME means.
  private static func name(of selector: String, _ session: QuerySession) throws -> String {
    guard let at = selector.firstIndex(of: "@") else { return try Export.name(of: selector, session) }
    let time: Timestamp
    do { time = try Timestamp.parse(String(selector[selector.index(after: at)...])) } catch {
      throw Failure(.usage, "crawlctl: \(selector): \(error)")
    }
    let task = try Export.name(of: String(selector[..<at]), session)
    var found: String?
    _ = try session.run(
      TaskComparison.taskAtTime, parameters: ["task": .text(task), "time": .integer(time.microseconds)],
      begin: { _ in },
      row: { if case .text(let name) = $0[0] { found = name } })
    if let found { return found }
    throw Failure(
      .notFound, "crawlctl: neither \(task) nor a recrawl of it had begun by \(time.iso8601()) (crawlctl show \(task))")
  }

  private func earlier(than later: String, _ session: QuerySession) throws -> String {
    var earlier: String?
    _ = try session.run(
      TaskComparison.earlierTask, parameters: ["task": .text(later)], begin: { _ in },
      row: { if case .text(let name) = $0[0] { earlier = name } })
    guard let earlier else {
      Output.diagnostic(
        "crawlctl: \(later) is no recrawl, or the task that it visited again was removed; give another task to compare it "
          + "with: crawlctl diff EARLIER \(later)")
      throw Failure(.usage)
    }
    return earlier
  }
}
