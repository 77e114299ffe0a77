package import ArgumentParser
import Control
import Glibc
import Store
import Units

/// `crawlctl export [TASK]`
package struct Export: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract:
      "Writes pages, links, URLs or fetches as JSON lines or CSV, or responses as a WARC file, while the crawl runs.",
    usage: "crawlctl export [<task>] [<options>]",
    discussion: """
      Rows are streamed in the order of their ids, each once, as they are when they are reached. Times are ISO 8601 (UTC), \
      durations microseconds, sizes bytes. Control characters are escaped; in CSV, an apostrophe stands before what a \
      spreadsheet would take for the beginning of a formula, also after a semicolon. A file appears under its name when it is whole, of a link the one that it leads to; a \
      device or a pipe is written to as it is.

      warc is for web archives (WARC 1.1, a gzip member per record, so name it .warc.gz): request, response or revisit, and \
      metadata of every fetch of tasks with --store body (or all), in the order of the fetches. Bodies are stored decoded, \
      so Content-Encoding, Transfer-Encoding and a Content-Length that no longer holds are named X-Archive-Orig-…; \
      Authorization, Proxy-Authorization and Cookie are redacted; all other fields are as they were sent and received. A \
      fetch whose stored request names no URL is left out, and counted. So is one of which what is stored is damaged; then \
      the exit code is 8.

      It runs at a nice value of 10, so that the crawl has the processor first.
      """)

  @Argument(help: ArgumentHelp("Of this task alone.", valueName: "task")) var task: String?
  @Option(help: ArgumentHelp("pages, links, urls or fetches (default: pages).", valueName: "rows")) var rows: Rows?
  @Option(help: ArgumentHelp("jsonl, csv or warc.", valueName: "format")) var format: Format = .jsonl
  @Option(name: [.short, .long], help: ArgumentHelp("The file to make (default, and -: stdout).", valueName: "file"))
  var output: String?
  @Flag(help: "Replace a file that exists, unless it is a database.") var force = false
  @Option(
    help: ArgumentHelp("The database; needs no daemon (default: that of the running daemon).", valueName: "path"))
  var database: String?
  @OptionGroup var daemon: DaemonOptions

  enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
    case jsonl, csv, warc
  }

  enum Rows: String, ExpressibleByArgument, CaseIterable, Sendable {
    case pages, links, urls, fetches

    var noun: String {
      switch self {
      case .pages: "page"
      case .links: "link"
      case .urls: "URL"
      case .fetches: "fetch"
      }
    }

    var table: ExportTable {
      switch self {
      case .pages: .pages
      case .links: .links
      case .urls: .urls
      case .fetches: .fetches
      }
    }
  }

  package init() {}

  private var file: String? { output == "-" ? nil : output }

  package func validate() throws {
    if let output, output.isEmpty || output.hasSuffix("/") { throw ValidationError("--output names a file") }
    if force, output == nil || output == "-" { throw ValidationError("--force is for --output FILE") }
    if daemon.json, file == nil, format != .jsonl {
      throw ValidationError("--json without --output writes JSON lines: no --format \(format.rawValue)")
    }
    if format == .warc, rows != nil { throw ValidationError("--rows is for jsonl and csv; warc has every fetch") }
  }

  package func run() throws {
    if format == .warc, file == nil, isatty(STDOUT_FILENO) == 1 {
      throw Failure(.usage, "crawlctl: a WARC file is no text: --output FILE, or a pipe")
    }
    Niceness.giveWay()
    // As long as a stored body may be, and something.
    let session = try QuerySession(
      path: try DatabasePath.find(database: database, daemon), longestValue: Int32(FetchContents.longestBody) + 1 << 20)
    let name = try task.map { try Self.name(of: $0, session) }
    if format == .warc { return try archive(name, session) }
    guard let output = file else {
      _ = try write(name, session, Output.write)
      return
    }
    let file = try OutputFile(output, isReplacing: force)
    let count = try write(name, session) { file.write($0) }
    let bytes = try file.finish()
    if daemon.json { return try Output.json(Report(file: output, rows: count, bytes: bytes)) }
    Output.line("\(output): \(Text.count(count, (rows ?? .pages).noun)), \(ByteCount.format(Int64(bytes)))")
  }

  /// Writes all rows; returns their number.
  private func write(
    _ name: String?, _ session: QuerySession, _ write: @escaping ([UInt8]) -> Void
  ) throws -> Int {
    let table = (rows ?? .pages).table
    let held = HeldOutput(write)
    var printer = (format == .csv ? RowFormat.csv : .json).printer(held.append, width: nil)
    var parameters = ["task": name.map(QueryValue.text) ?? .null]
    let last = try session.integer(table.lastID) ?? 0
    let limits = QueryLimits(time: .seconds(600), rows: .max)
    var after = try session.integer(table.firstID(ofTask: name != nil), parameters).map { $0 - 1 } ?? last
    var (count, hasBegun) = (0, false)
    repeat {
      var until = after + table.window
      (parameters["after"], parameters["until"]) = (.integer(after), .integer(until))
      do {
        var (key, current) = (0, QueryValue.null)
        _ = try session.run(
          table.sql, limits: limits, parameters: parameters,
          begin: { columns in
            key = columns.firstIndex(of: table.key) ?? 0
            if !hasBegun { printer.begin(columns) }
            hasBegun = true
          },
          row: { values in
            if values[key] != current, held.count > Self.windowBytes, case .integer(let id) = current {
              until = id
              throw WindowIsFull()
            }
            current = values[key]
            count += 1
            try printer.row(values)
          })
      } catch is WindowIsFull {}
      held.flush()
      if StopSignals.haveCome { throw Failure(.failed, "crawlctl: stopped; nothing was left behind") }
      parameters["after"] = .integer(until)
      after = try session.integer(table.nextID, parameters).map { $0 - 1 } ?? last
    } while try after < last && !isWhole(count, of: table, name, session)
    printer.end()
    held.flush()
    return count
  }

  /// Whether these are all rows of the task that there are, if it is of one alone and they are counted.
  private func isWhole(_ rows: Int, of table: ExportTable, _ name: String?, _ session: QuerySession) throws -> Bool {
    guard let name, let sql = table.count, let count = try session.integer(sql, ["task": .text(name)]) else {
      return false
    }
    return rows >= count
  }

  /// A window ends early when it has more than so many bytes, once the rows of an id are all there.
  private static let windowBytes = 4 << 20
  private struct WindowIsFull: Error {}

  private func archive(_ name: String?, _ session: QuerySession) throws {
    let missing = try session.answersWithoutMessages(task: name)
    guard let output = file else {
      var export = try ArchiveExport(session, task: name, write: Output.write)
      try export.run(filename: nil)
      tellWhatLacks(export, missing)
      return try requireWhole(export)
    }
    let file = try OutputFile(output, isReplacing: force)
    var export = try ArchiveExport(session, task: name) { file.write($0) }
    try export.run(filename: output.split(separator: "/").last.map(String.init))
    let bytes = try file.finish()
    let report = ArchiveReport(
      file: output, responses: export.responses, revisits: export.revisits, missing: missing, unclear: export.unclear,
      damaged: export.damaged, bytes: bytes)
    if daemon.json {
      try Output.json(report)
    } else {
      Output.line(
        "\(output): \(Text.count(export.responses, "response")), \(Text.count(export.revisits, "revisit")), "
          + ByteCount.format(Int64(bytes)))
      tellWhatLacks(export, missing)
    }
    try requireWhole(export)
  }

  private func requireWhole(_ export: ArchiveExport) throws {
    guard export.damaged > 0 else { return }
    let answers = PluralText.count(export.damaged, "answer", "is", "are")
    let what = export.damaged == 1 ? "it" : "them"
    throw Failure(
      .someFailed,
      "crawlctl: \(answers) not in it: what is stored of \(what) is damaged or lost (crawlctl doctor says more)")
  }

  private func tellWhatLacks(_ export: ArchiveExport, _ missing: Int64) {
    if missing > 0 {
      let answers = PluralText.count(Int(missing), "answer", "is", "are")
      Output.diagnostic("crawlctl: \(answers) not in it: tasks with --store body keep them")
    }
    if export.unclear > 0 {
      let answers = PluralText.count(export.unclear, "answer", "is", "are")
      let requests = export.unclear == 1 ? "its stored request names" : "their stored requests name"
      Output.diagnostic("crawlctl: \(answers) not in it: \(requests) no URL")
    }
  }

  /// A WARC file, as `--json` shows it.
  package struct ArchiveReport: Encodable {
    var file: String
    var responses: Int
    var revisits: Int
    /// Answers whose bodies and headers are not stored.
    var missing: Int64
    /// Answers whose stored requests name no URL.
    var unclear: Int
    /// Answers of which what is stored is damaged or lost.
    var damaged: Int
    var bytes: Int

    package init(
      file: String, responses: Int, revisits: Int, missing: Int64, unclear: Int, damaged: Int, bytes: Int
    ) {
      self.file = file
      self.responses = responses
      self.revisits = revisits
      self.missing = missing
      self.unclear = unclear
      self.damaged = damaged
      self.bytes = bytes
    }
  }

  /// The name of the task that a text means, among those of the database.
  static func name(of selector: String, _ session: QuerySession) throws -> String {
    var tasks: [(id: Int64, name: String)] = []
    _ = try session.run(
      "SELECT id, name FROM tasks", limits: QueryLimits(rows: .max), begin: { _ in },
      row: { values in
        if case .integer(let id) = values[0], case .text(let name) = values[1] { tasks.append((id, name)) }
      })
    let id = try TaskSelector.resolve(selector, among: tasks)
    return tasks.first { $0.id == id }?.name ?? selector
  }

  /// A file of rows, as `--json` shows it.
  package struct Report: Encodable {
    var file: String
    var rows: Int
    var bytes: Int

    package init(file: String, rows: Int, bytes: Int) {
      self.file = file
      self.rows = rows
      self.bytes = bytes
    }
  }
}
