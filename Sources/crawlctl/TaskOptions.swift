import ArgumentParser
package import Control
import Glibc

/// The arguments of `add` and `run`: seeds, the task's name, and its settings.
package struct TaskOptions: ParsableArguments, Sendable {
  @Argument(help: ArgumentHelp("Where the task begins.", valueName: "url"))
  var urls: [String] = []

  @Option(
    help: ArgumentHelp("More seeds, one per line (- = stdin); empty lines and # lines are skipped.", valueName: "path"))
  var file: String?

  @Option(help: ArgumentHelp("The task's name; the daemon makes one from the first seed.", valueName: "name"))
  var name: String?

  @Flag(help: "Begin paused.")
  var paused = false

  @Option(help: ArgumentHelp("The same key again answers the same task instead of adding another.", valueName: "key"))
  var clientKey: String?

  @Option(
    help: ArgumentHelp(
      """
      Visit the URLs of this task again, which has ended: pages are asked for only if they have changed, and what became \
      of each is in fetches.change (v_changes). Seeds and settings that are not given are that task's.
      """,
      valueName: "task"))
  var recrawl: String?

  @OptionGroup(title: "Settings")
  var settings: SettingOptions

  package init() {}

  package func validate() throws {
    if urls.isEmpty, file == nil, recrawl == nil {
      throw ValidationError("a task needs at least one URL, or --file, or --recrawl")
    }
  }

  /// The request. Reads the seeds' file, so it may throw its error.
  package func parameters() throws -> TaskAdd.Parameters {
    var seeds = urls
    if let file { seeds += Self.seeds(inLines: try FileText.read(file)) }
    if seeds.isEmpty, recrawl == nil || file != nil {
      throw Failure(.usage, "crawlctl: \(file ?? "-") holds no URL; one per line is expected")
    }
    return TaskAdd.Parameters(
      seeds: seeds, name: name, settings: settings.settings, paused: paused, clientKey: clientKey, recrawl: recrawl)
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
