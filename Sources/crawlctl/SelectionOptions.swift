import ArgumentParser
package import Control

/// The tasks that `pause`, `resume`, `cancel`, `seal`, `retry` and `rm` are for, and how their answers are shown.
package struct SelectionOptions: ParsableArguments, Sendable {
  @Argument(
    help: ArgumentHelp("Id, name, or (but for cancel and rm) the beginning of a name.", valueName: "task"),
    completion: .tasks)
  var tasks: [String] = []

  @Flag(help: "Every task that this can be done to: those that have not ended, for rm those that have.")
  var all = false

  @OptionGroup var filter: FilterOptions

  package init() {}

  package func validate() throws {
    let ways = [!tasks.isEmpty, all, !filter.isEmpty].count { $0 }
    if ways == 0 { throw ValidationError("which task? Name at least one, or --all, --state, --name") }
    if ways > 1 { throw ValidationError("either tasks, or --all, or --state and --name") }
  }

  /// Asks for the change and shows old and new state of each task. Throws when one of them failed.
  func change<M: ControlMethod>(_ method: M.Type, now: Bool = false, _ daemon: DaemonOptions) throws
  where M.Parameters == TaskSelection, M.Result == TaskChanges {
    if all {
      return try Self.show(try Session.ask(method, TaskSelection(all: true, now: now), daemon).changes, daemon)
    }
    let tasks = filter.isEmpty ? tasks : try filter.tasks(daemon).map { String($0.id) }
    try Self.show(try Self.ask(method, of: tasks, now: now, daemon), daemon)
  }

  /// The tasks that are meant: those that are named, or those that have not ended, or those that fit.
  static func tasks(
    _ named: [String], all: Bool, _ filter: FilterOptions, _ daemon: DaemonOptions
  ) throws -> [String] {
    if !all, filter.isEmpty { return named }
    return try filter.tasks(daemon).filter { !all || $0.finishedAt == nil && $0.state != "removing" }.map {
      String($0.id)
    }
  }

  /// Does something with each task, also when it fails with one, which is said: in JSON as a change with an error.
  ///
  /// - Returns: the exit code for all of it, as in `status(of:)`.
  /// - Throws: what is no answer of the daemon about one task.
  static func each(_ tasks: [String], json: Bool, _ body: (String) throws -> Void) throws -> ExitStatus {
    var statuses: [ExitStatus] = []
    for task in tasks {
      do {
        try body(task)
        statuses.append(.ok)
      } catch let error as ControlError where error.code != .unreachable && tasks.count > 1 {
        if json { try Output.json(TaskChange(id: nil, name: task, error: error)) }
        Output.diagnostic("crawlctl: \(error.message)")
        statuses.append(ExitStatus(rawValue: error.exitCode) ?? .failed)
      }
    }
    return .joined(statuses)
  }

  /// Asks for a change of any number of tasks.
  static func ask<M: ControlMethod>(
    _ method: M.Type, of tasks: [String], now: Bool = false, _ daemon: DaemonOptions
  ) throws -> [TaskChange] where M.Parameters == TaskSelection, M.Result == TaskChanges {
    var changes: [TaskChange] = []
    for start in stride(from: 0, to: tasks.count, by: TaskSelection.limit) {
      let some = Array(tasks[start..<min(start + TaskSelection.limit, tasks.count)])
      changes += try Session.ask(method, TaskSelection(tasks: some, now: now), daemon).changes
    }
    return changes
  }

  /// Shows what a verb did to each task. Throws when one of them failed.
  static func show(_ changes: [TaskChange], _ daemon: DaemonOptions) throws {
    if daemon.json {
      for change in changes { try Output.json(change) }
    } else if changes.isEmpty {
      Output.diagnostic("there is no task that this can be done to")
    }
    let tellsURLs = changes.contains { $0.urls != nil }
    var table = TextTable(
      [.init("ID", .right), .init("NAME", givesWay: true), .init("FROM"), .init("TO")]
        + (tellsURLs ? [.init("URLS", .right)] : []))
    for change in changes {
      if let error = change.error {
        Output.diagnostic("crawlctl: \(error.message)")
      } else {
        table.append(
          [change.id.map(String.init) ?? "", change.name, change.from ?? "", change.to ?? ""]
            + (tellsURLs ? [change.urls.map(Text.count) ?? ""] : []))
      }
    }
    if !daemon.json, !table.isEmpty { Output.table(table) }
    let status = Self.status(of: changes)
    if status != .ok { throw Failure(status) }
  }

  /// The exit code for all of it: that of the errors if none succeeded and they are alike, else "some failed".
  package static func status(of changes: [TaskChange]) -> ExitStatus {
    .joined(changes.map { $0.error.flatMap { ExitStatus(rawValue: $0.exitCode) } ?? .ok })
  }
}
