package import ArgumentParser
package import Control

/// The arguments of `add` and `run`: seeds, the task's name, and its settings.
package struct TaskOptions: ParsableArguments, Sendable {
  @Argument(help: ArgumentHelp("Where the task begins.", valueName: "url"))
  var urls: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      More seeds, one per line (- = stdin), as many as there are; empty lines and # lines are skipped. Lines that are no \
      URLs are said and left out, the exit code is then 8. Repeatable: the files are read in their order.
      """, valueName: "path"))
  var file: [String] = []

  @Option(help: ArgumentHelp("The task's name; the daemon makes one from the first seed.", valueName: "name"))
  var name: String?

  @Flag(help: "Begin paused.")
  var paused = false

  @Option(
    help: ArgumentHelp(
      "The same key again answers the same task, or when that was removed a later crawl of its URLs, instead of adding another.",
      valueName: "key"))
  var clientKey: String?

  @Option(
    help: ArgumentHelp(
      """
      Visit the URLs of this task again, which has ended: pages are asked for only if they have changed, and what became \
      of each is in fetches.change (v_changes). Seeds and settings that are not given are that task's.
      """,
      valueName: "task"), completion: .tasks)
  var recrawl: String?

  @Flag(help: "More seeds come by crawlctl offer: do not finish before crawlctl seal. Then no URL is needed now.")
  var open = false

  @OptionGroup(title: "Settings")
  package var settings: SettingOptions

  package init() {}

  package func validate() throws {
    if urls.isEmpty, file.isEmpty, recrawl == nil, !open {
      throw ValidationError("a task needs at least one URL, or --file, --recrawl or --open")
    }
  }

  /// The request with the seeds of the command line.
  package func parameters() -> TaskAdd.Parameters {
    TaskAdd.Parameters(
      seeds: urls, name: name, settings: settings.settings, paused: paused, clientKey: clientKey, recrawl: recrawl,
      open: open)
  }

  /// The lines of a seeds' file without blanks around them; empty ones and those that begin with `#` are left out.
  package static func seeds(inLines text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      let start = line.drop { $0 == " " || $0 == "\t" }
      guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }), start.first != "#" else { return nil }
      return String(start[...last])
    }
  }
}
