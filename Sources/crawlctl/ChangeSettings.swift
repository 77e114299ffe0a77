package import ArgumentParser
package import Control

/// `crawlctl set TASK key=value…`
package struct ChangeSettings: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Gives a live task other settings, effective at once.",
    discussion: "For example: crawlctl set docs delay=500ms max_pages=1000. A key that is repeated makes a list.")

  @Argument(help: ArgumentHelp("The task.", valueName: "task")) var task: String
  @Argument(help: ArgumentHelp("A setting's name and its new value.", valueName: "key=value"))
  package var assignments: [String] = []
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func validate() throws {
    if assignments.isEmpty { throw ValidationError("which setting? Say it as key=value, e.g. delay=500ms") }
    _ = try Self.settings(of: assignments)
  }

  package func run() throws {
    let settings = try Self.settings(of: assignments)
    let result = try Session.ask(TaskSet.self, TaskSet.Parameters(task: task, settings: settings), daemon)
    if daemon.json { return try Output.json(result) }
    if result.changes.isEmpty {
      Output.diagnostic("\(result.name) has these settings already")
    } else {
      var table = TextTable([.init("SETTING"), .init("FROM", givesWay: true), .init("TO", givesWay: true)])
      for change in result.changes { table.append([change.setting, change.from, change.to]) }
      Output.table(table)
    }
  }

  /// `delay=1s` as a setting; a key that is repeated makes a list, in order. `-` in a key stands for `_`.
  package static func settings(of assignments: [String]) throws -> [String: SettingValue] {
    var values: [String: [String]] = [:]
    for assignment in assignments {
      guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
        throw ValidationError("'\(assignment)' is no setting; say it as key=value, e.g. delay=500ms")
      }
      let key = assignment[..<equals].map { $0 == "-" ? "_" : String($0) }.joined()
      values[key, default: []].append(String(assignment[assignment.index(after: equals)...]))
    }
    return values.mapValues { $0.count == 1 ? .text($0[0]) : .list($0) }
  }
}
