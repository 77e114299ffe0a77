package import ArgumentParser
import Store
import Units

/// `crawlctl search WORDS`
package struct Search: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Finds pages by the words of their text and title, the best matches first, while the crawl runs.",
    usage: "crawlctl search <words> ... [<options>]",
    discussion: """
      It knows the pages of tasks with --store text (or all). A page has to have all of the words; several in quotes \
      are a phrase ("event loop"), and a word with a * behind it stands for all that begin with it. Letter case \
      doesn't count, nor do diacritics of Latin letters and points of Hebrew and Arabic. Words of languages that put \
      no spaces between them (Chinese, Japanese, Thai) are found anywhere in a text, as they are written; all texts \
      are read for it, which takes longer. A page that recrawls have looked at again is found as the latest has it; \
      --task asks one task alone. For the rest there is SQL: query "SELECT url FROM v_texts WHERE text_id IN \
      (SELECT rowid FROM page_search WHERE page_search MATCH 'title: loop NOT event')". It runs at a nice value of \
      10, so that the crawl has the processor first.
      """)

  @Argument(help: ArgumentHelp("What the pages have.", valueName: "words")) var words: [String]
  @Option(help: ArgumentHelp("Pages of this task alone.", valueName: "task")) var task: String?
  @Option(help: ArgumentHelp("How many pages at most.", valueName: "n")) var limit = 20
  @Option(help: ArgumentHelp("How long it may take, by the clock.", valueName: "duration")) var timeout = "5s"
  @Option(
    help: ArgumentHelp("The database; needs no daemon (default: that of the running daemon).", valueName: "path"))
  var database: String?
  @OptionGroup var table: TableOptions
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func validate() throws {
    if limit < 1 { throw ValidationError("--limit takes 1 or more pages") }
    if !words.contains(where: { $0.contains { $0.isLetter || $0.isNumber } }) {
      throw ValidationError("there is no word to look for")
    }
    _ = try TimeLimit.parse(timeout)
  }

  package func run() throws {
    Niceness.giveWay()
    let session = try QuerySession(path: try DatabasePath.find(database: database, daemon))
    let name = try task.map { try Export.name(of: $0, session) }
    var printer = (daemon.json ? RowFormat.json : .table).printer(Output.write, width: table.width)
    var rows: [[QueryValue]] = []
    var columns: [String] = []
    var question = TextSearch.question(words)
    question.parameters["task"] = name.map(QueryValue.text) ?? .null
    question.parameters["limit"] = .integer(Int64(min(limit, .max - 1) + 1))
    _ = try session.run(
      question.sql, limits: QueryLimits(time: try TimeLimit.parse(timeout), rows: .max),
      parameters: question.parameters, begin: { columns = $0 }, row: { rows.append($0) })
    try tellOfMissingTexts(session)
    guard !rows.isEmpty else { return try explainNothing(session, task: name) }
    // People read what was found; programs get the times and ids as well.
    let shown = daemon.json ? columns.count : columns.count - 2
    printer.begin(Array(columns.prefix(shown)))
    for row in rows.prefix(limit) { try printer.row(Array(row.prefix(shown))) }
    printer.end()
    if rows.count > limit {
      Output.diagnostic("crawlctl: more pages than \(limit) have these words; --limit N shows more")
    }
  }

  private func tellOfMissingTexts(_ session: QuerySession) throws {
    for sql in [TextSearch.canBeIncomplete, TextSearch.isIncomplete] {
      var holds = false
      _ = try session.run(sql, begin: { _ in }, row: { holds = $0.first == .integer(1) })
      if !holds { return }
    }
    Output.diagnostic(
      "crawlctl: since the upgrade texts are being indexed anew while the daemon runs, the newest first: "
        + "older ones may not be found yet")
  }

  private func explainNothing(_ session: QuerySession, task: String?) throws {
    var hasText = false
    _ = try session.run(
      TextSearch.anyText, limits: QueryLimits(time: .seconds(600)),
      parameters: ["task": task.map(QueryValue.text) ?? .null], begin: { _ in },
      row: { hasText = $0.first == .integer(1) })
    if hasText { return Output.diagnostic("crawlctl: no page has these words") }
    let (whose, name) = task.map { (" of \($0)", ShellText.quote($0)) } ?? ("", "TASK")
    Output.diagnostic(
      "crawlctl: no page\(whose) has its text stored; tasks with --store text keep it (crawlctl set \(name) store=text "
        + "for what is fetched from then on)")
  }
}
