package import Control
import Parse
import Politeness
import Store

/// What one line of a verb's `--json` output is.
package struct JSONOutput: Sendable {
  /// With its kind, of a verb that has kinds: `check robots`.
  package var verb: String
  /// The options that make it this one; empty: none, or all others.
  package var options: String
  package var type: ShapeType
  /// Which lines there are.
  package var meaning: String

  private init(_ verb: String, _ type: Substring, _ meaning: String, options: String = "") {
    guard let type = ShapeType(type) else { fatalError("no type of a shape: \(type)") }
    (self.verb, self.type, self.meaning, self.options) = (verb, type, meaning, options)
  }

  /// Every verb's, in the order of the verbs.
  package static let all = [
    JSONOutput("run", "Task", "one line: the task, when it has come to rest"),
    JSONOutput("add", "Task", "one line: the task"),
    JSONOutput("offer", "Offer", "a line per batch of seeds: the sums so far"),
    JSONOutput("seal", "TaskChange", "a line per task"),
    JSONOutput("ls", "Task", "a line per task"),
    JSONOutput("show", "Task", "a line per task"),
    JSONOutput("show", "TaskChange", "in place of a task", options: "several tasks, one that there is not"),
    JSONOutput("ps", "FetchCoroutine", "a line per visit in progress"),
    JSONOutput("ps", "Coroutine", "a line per coroutine of the event loop", options: "--all"),
    JSONOutput("hosts", "Host", "a line per host that has work"),
    JSONOutput("top", "Sample", "a line per refresh"),
    JSONOutput("wait", "Task", "a line per task, when all have come to rest"),
    JSONOutput("pause", "TaskChange", "a line per task"),
    JSONOutput("resume", "TaskChange", "a line per task"),
    JSONOutput("cancel", "TaskChange", "a line per task"),
    JSONOutput("retry", "TaskChange", "a line per task, and per task of a URL"),
    JSONOutput("rm", "TaskChange", "a line per task"),
    JSONOutput("set", "SettingChanges", "a line per task"),
    JSONOutput("set", "TaskChange", "in place of a task", options: "several tasks, one that is not changed"),
    JSONOutput("set", "HostSettings", "a line per host", options: "--host"),
    JSONOutput("events", "Event", "a line per event, as it happens"),
    JSONOutput("why", "Answer", "a line per task, host or URL"),
    JSONOutput("why", "TaskChange", "in place of an answer", options: "several, one that there is not"),
    JSONOutput("url", "URL", "a line per task that was offered the URL"),
    JSONOutput("query", "{cell}", "a line per row, by column; a blob is a text of hexadecimal digits"),
    JSONOutput("query", "Column", "a line per column of every table and view", options: "--schema"),
    JSONOutput("search", "Match", "a line per page, the best match first"),
    JSONOutput("diff", "Difference", "a line per page that is another, or new, or gone"),
    JSONOutput("export", "PageRow", "a line per page"),
    JSONOutput("export", "LinkRow", "a line per link", options: "--rows links"),
    JSONOutput("export", "URLRow", "a line per URL", options: "--rows urls"),
    JSONOutput("export", "FetchRow", "a line per fetch", options: "--rows fetches"),
    JSONOutput("export", "ExportFile", "one line: the file", options: "--output"),
    JSONOutput("export", "ArchiveFile", "one line: the file", options: "--output --format warc"),
    JSONOutput("doctor", "Finding", "a line per finding"),
    JSONOutput(
      "doctor", "Examination", "one line: what was examined, and how many problems there are", options: "at the end"),
    JSONOutput("backup", "Copy", "one line: the copy"),
    JSONOutput("status", "Status", "one line"),
    JSONOutput("block", "HostBlock", "a line per host"),
    JSONOutput("unblock", "HostBlock", "a line per host"),
    JSONOutput("reload", "Reload", "one line"),
    JSONOutput("shutdown", "Shutdown", "one line, when the daemon has ended"),
    JSONOutput("check robots", "RobotsVerdict", "a line per question, without --json too"),
    JSONOutput("check robots", "Problem", "in place of an answer", options: "bad lines"),
    JSONOutput("check url", "URLForms", "a line per question, without --json too"),
    JSONOutput("check url", "Problem", "in place of an answer", options: "bad lines"),
    JSONOutput("check links", "PageLinks", "a line per question, without --json too"),
    JSONOutput("check links", "Problem", "in place of an answer", options: "bad lines"),
    JSONOutput("check page", "PageFacts", "a line per question, without --json too"),
    JSONOutput("check page", "Problem", "in place of an answer", options: "bad lines"),
    JSONOutput("check sitemap", "Sitemap", "a line per question, without --json too"),
    JSONOutput("check sitemap", "Problem", "in place of an answer", options: "bad lines"),
    JSONOutput("check address", "AddressVerdict", "a line per question, without --json too"),
    JSONOutput("check address", "Problem", "in place of an answer", options: "bad lines"),
    JSONOutput("check retry-after", "RetryAfter", "a line per question, without --json too"),
    JSONOutput("check retry-after", "Problem", "in place of an answer", options: "bad lines"),
    JSONOutput("shapes", "Schema", "a line per verb: a JSON Schema (draft 2020-12) of its lines"),
  ]

  /// All shapes that the outputs are made of.
  package static let book = ShapeBook(
    texts: [database, files, checks],
    wordLists: [
      .init("Change", ["new", "changed", "moved", "gone", "missing"]),
      .init("FindingCheck", Finding.Check.allCases.map(\.rawValue)),
      .init("LinkKind", LinkKind.allCases.map(\.name)),
      .init("CharsetSource", CharsetSource.allCases.map(\.rawValue)),
      .init("SitemapKind", Parse.Sitemap.Kind.allCases.map(\.rawValue)),
      .init("RobotsAvailability", RobotsAvailability.allCases.map(\.rawValue)),
    ], upon: .control)
}
