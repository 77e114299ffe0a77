package import ArgumentParser
package import Control
import Units

/// `crawlctl retry TASK…`
package struct Retry: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Has the URLs that failed tried again: those of tasks, or single ones. An ended task runs on.",
    usage: "crawlctl retry [<task> ...] [<options>]",
    discussion: """
      Failed are URLs that gave no answer in all attempts ([politeness] max_attempts), and those whose last one ended in a \
      server's error (5xx, 429). Elsewhere only the first count as failed: a server's error after all attempts is a final \
      answer, so a task of such answers alone is finished, and run and wait exit with 0. show and run tell their number. \
      URLs whose address was refused are tried again as well: the daemon's configuration may allow it by now.

      TASK may be a URL. --all, --state and --name mean those of the tasks in which something failed.
      """)

  @OptionGroup var selection: SelectionOptions

  @Option(name: .customLong("task"), help: ArgumentHelp("Of URLs: of this task alone.", valueName: "task"))
  var task: String?

  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    let (urls, tasks) = (selection.tasks.filter { $0.contains("://") }, selection.tasks.filter { !$0.contains("://") })
    var changes: [TaskChange] = []
    if selection.tasks.isEmpty {
      let all = try selection.filter.tasks(daemon).filter { $0.actions.contains("retry") }
      // A task in which nothing failed is none of those that were meant.
      changes += try SelectionOptions.ask(TaskRetry.self, of: all.map { String($0.id) }, daemon).filter {
        $0.error?.code != .refused
      }
    } else {
      changes += try SelectionOptions.ask(TaskRetry.self, of: tasks, daemon)
    }
    for url in urls {
      do {
        let answer = try Session.ask(URLRetry.self, URLRetry.Parameters(url: url, task: task), daemon).changes
        changes += answer.contains { $0.error?.code == .refused } ? (try? explain(answer, url)) ?? answer : answer
      } catch let error as ControlError where error.code != .unreachable {
        // What was done to the others is told all the same.
        changes.append(TaskChange(id: nil, name: url, error: error))
      }
    }
    try SelectionOptions.show(changes, daemon)
  }

  /// What is refused to be tried again because it is still to be tried says so.
  private func explain(_ changes: [TaskChange], _ url: String) throws -> [TaskChange] {
    let urls = try Session.ask(URLShow.self, URLShow.Parameters(url: url, task: task), daemon).urls
    let now = Timestamp.now().microseconds
    return changes.map { change in
      // Else it is its task's state that is in the way.
      guard change.error?.code == .refused, let actions = change.error?.data?.actions, actions.contains("retry"),
        let row = urls.first(where: { $0.taskID == change.id }),
        let sentence = Self.sentence(on: row, isHeld: actions.contains("resume"), now: now, hint: daemon.hint)
      else { return change }
      var change = change
      change.error?.message = sentence
      return change
    }
  }

  /// Why there is nothing to try again of a URL that has not been given up; nil of one that has an end.
  /// - Parameter isHeld: its task is paused.
  package static func sentence(on url: URLReport, isHeld: Bool = false, now: Int64, hint: String) -> String? {
    let task = "task \(url.taskID) \(url.taskName)"
    let why = "(crawlctl why \(ShellText.quote(url.url))\(hint))"
    switch url.state {
    case "delayed" where isHeld, "ready" where isHeld:
      return "it is still to be tried in \(task), which is paused (crawlctl resume \(url.taskID)\(hint))"
    case "delayed":
      let due = url.dueAt.map { ", and waits until \(Text.until($0, now: now))" } ?? ""
      let tries = url.attempts > 0 ? "after \(PluralText.count(url.attempts, "attempt")) it" : "it"
      return "\(tries) is still to be tried in \(task)\(due); nothing has to be done \(why)"
    case "ready", "in_flight": return "it is still to be tried in \(task) \(why)"
    default: return nil
    }
  }
}
