package import ArgumentParser
import Control
import EventLoop

/// `crawlctl add URL…`
package struct Add: ParsableCommand {
  package static let configuration = CommandConfiguration(abstract: "Adds a task and answers its id.")

  @OptionGroup package var task: TaskOptions
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    let (task, path) = (task, daemon.path)
    let result = try Session.run { loop in
      try await ControlClient.connect(to: path, on: loop) { try await task.submit(to: $0) }
    }
    for warning in result.warnings ?? [] { Output.diagnostic("crawlctl: \(warning)") }
    if daemon.json { return try Output.json(result.task) }
    let added = result.task
    var table = TextTable([.init("ID", .right), .init("NAME"), .init("STATE"), .init("SEEDS", .right)])
    table.append([String(added.id), added.name, Text.state(added), Text.count(added.seedCount)])
    Output.table(table)
    if !result.created { Output.diagnostic("this client key is known: the task is that of the first request") }
  }
}
