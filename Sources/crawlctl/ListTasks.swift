package import ArgumentParser
package import Control
import Units

/// `crawlctl ls`
package struct ListTasks: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "Lists the tasks: how far each has come, and in what state it is.",
    usage: "crawlctl ls [<options>]")

  @OptionGroup var filter: FilterOptions
  @OptionGroup var table: TableOptions
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    let tasks = try filter.tasks(daemon)
    if daemon.json {
      for task in tasks { try Output.json(task) }
    } else if tasks.isEmpty {
      Output.diagnostic(filter.isEmpty ? "no task yet; crawlctl add URL… adds one" : "no task is like that")
    } else {
      Output.table(Self.table(of: tasks, now: Timestamp.now().microseconds), table)
    }
  }

  package static func table(of tasks: [TaskReport], now: Int64) -> TextTable {
    let hasRecrawl = tasks.contains { $0.changes != nil }
    var columns: [TextTable.Column] = [
      .init("ID", .right), .init("NAME", givesWay: true), .init("STATE", givesWay: true), .init("FETCHED", .right),
      .init("OK%", .right, leaves: .last), .init("QUEUED", .right), .init("RATE", .right), .init("BYTES", .right),
      .init("AGE", .right, leaves: .last),
    ]
    if hasRecrawl { columns.insert(.init("DIFFERENT", .right, leaves: .first), at: 5) }
    var table = TextTable(columns)
    for task in tasks {
      var cells = [
        String(task.id), task.name, Text.state(task), Text.count(task.counts.finalAnswers),
        Text.percent(task.okPercent), task.state == "cancelled" ? "-" : Text.count(task.counts.queued),
        Text.rate(task.rate),
        ByteCount.format(task.bytes.wire), Text.duration(now &- task.createdAt),
      ]
      if hasRecrawl { cells.insert(task.changes.map(Self.differences) ?? "", at: 5) }
      table.append(cells)
    }
    return table
  }

  /// How many URLs a recrawl found other than they were.
  private static func differences(_ changes: [String: Int]) -> String {
    Text.count(["new", "changed", "gone", "moved"].reduce(0) { $0 &+ (changes[$1] ?? 0) })
  }
}
