package import ArgumentParser
import Control
import Glibc

/// Tasks by what they are like: of several options a task has to fit each.
package struct FilterOptions: ParsableArguments, Sendable {
  private static let states = ShapeBook.control.words("TaskState")
  /// Of a task that has ended and is followed by a recrawl; its state is `finished` or `failed`.
  private static let scheduled = "scheduled"

  @Option(
    help: ArgumentHelp(
      "Tasks in this state: \(Self.states.joined(separator: ", ")); or scheduled: those that are crawled again at a time "
        + "(every). Repeatable.",
      valueName: "state"), completion: .list(ShapeBook.control.words("TaskState") + ["scheduled"]))
  package var state: [String] = []

  @Option(
    name: .customLong("name"),
    help: ArgumentHelp(
      "Tasks whose whole name fits, with * for any letters and ? for one. Repeatable.", valueName: "pattern"))
  package var names: [String] = []

  package init() {}

  package func validate() throws {
    let known = Self.states + [Self.scheduled]
    if let strange = state.first(where: { !known.contains($0) }) {
      throw ValidationError("--state: “\(strange)” is no state; accepted: \(known.joined(separator: " "))")
    }
  }

  var isEmpty: Bool { state.isEmpty && names.isEmpty }

  func fits(_ task: TaskReport) -> Bool {
    (state.isEmpty || state.contains(task.state) || state.contains(Self.scheduled) && task.nextRunAt != nil)
      && (names.isEmpty || names.contains { fnmatch($0, task.name, 0) == 0 })
  }

  /// The tasks that there are, as far as they fit.
  func tasks(_ daemon: DaemonOptions) throws -> [TaskReport] {
    try Session.pages(TaskList.self, daemon, { PageParameters(cursor: $0) }, next: \.cursor).flatMap(\.tasks).filter(
      fits)
  }
}
