package import ArgumentParser
package import Control
import Units

/// `crawlctl why ID|HOST|URL…`
package struct Why: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Says what tasks, hosts or URLs are waiting for, and until when.")

  @Argument(help: ArgumentHelp("Tasks, hosts or URLs.", valueName: "task|host|url"), completion: .tasks)
  var subjects: [String]
  @Option(help: ArgumentHelp("Of this task alone, for a host or a URL.", valueName: "task"), completion: .tasks)
  var task: String?
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    let status = try SelectionOptions.each(subjects, json: daemon.json) { subject in
      let answer = try Session.ask(TaskWhy.self, TaskWhy.Parameters(subject: subject, task: task), daemon)
      if daemon.json { return try Output.json(answer) }
      let now = Timestamp.now().microseconds
      for line in Self.lines(of: answer, now: now) {
        Output.write(TextWidth.hang(TerminalText.escape(line), indent: 4, width: Output.width) + "\n")
      }
    }
    if status != .ok { throw Failure(status) }
  }

  package static func lines(of answer: TaskWhy.Result, now: Int64) -> [String] {
    var title = "\(answer.kind) \(answer.subject)"
    if let state = answer.state { title += ": " + state + (answer.reason.map { "(\($0))" } ?? "") }
    var lines = [title]
    for line in answer.lines {
      lines.append("  " + line.text + (line.until.map { ", until \(Text.blockEnd($0, now: now))" } ?? ""))
    }
    if let due = answer.nextDueAt, !Text.isEndless(due, now: now) {
      lines.append("  next fetch: \(Text.until(due, now: now))")
    }
    return lines
  }
}
