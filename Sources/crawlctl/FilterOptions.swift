package import ArgumentParser
import Control
import Glibc

/// Tasks by what they are like: of several options a task has to fit each.
package struct FilterOptions: ParsableArguments, Sendable {
  private static let states = ShapeBook.control.words("TaskState")

  @Option(
    help: ArgumentHelp(
      "Tasks in this state: \(Self.states.joined(separator: ", ")). Repeatable.",
      valueName: "state"))
  package var state: [String] = []

  @Option(
    name: .customLong("name"),
    help: ArgumentHelp(
      "Tasks whose whole name fits, with * for any letters and ? for one. Repeatable.", valueName: "pattern"))
  package var names: [String] = []

  package init() {}

  package func validate() throws {
    if let strange = state.first(where: { !Self.states.contains($0) }) {
      throw ValidationError("--state: “\(strange)” is no state; accepted: \(Self.states.joined(separator: " "))")
    }
  }

  var isEmpty: Bool { state.isEmpty && names.isEmpty }

  func fits(_ task: TaskReport) -> Bool {
    (state.isEmpty || state.contains(task.state))
      && (names.isEmpty || names.contains { fnmatch($0, task.name, 0) == 0 })
  }

  /// The tasks that there are, as far as they fit.
  func tasks(_ daemon: DaemonOptions) throws -> [TaskReport] {
    try Session.pages(TaskList.self, daemon, { PageParameters(cursor: $0) }, next: \.cursor).flatMap(\.tasks).filter(
      fits)
  }
}
