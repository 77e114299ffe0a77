package import ArgumentParser
package import Control
import Units

/// `crawlctl ps`
package struct ListCoroutines: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "ps", abstract: "Lists the live fetch coroutines. What waits for its host is no coroutine: see hosts.",
    discussion: """
      With --all: every coroutine of the daemon's event loop, with what it waits for and since when.
      """)

  @Argument(help: ArgumentHelp("Of this task alone.", valueName: "task"), completion: .tasks) var task: String?
  @Flag(help: "Every coroutine of the event loop: fetches, control connections and the daemon's own.") var all = false
  @OptionGroup var table: TableOptions
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func validate() throws {
    if all, task != nil { throw ValidationError("--all lists the coroutines of no task: leave \(task ?? "") away") }
  }

  package func run() throws {
    if all { return try listAll() }
    let task = task
    let pages = try Session.pages(
      CoroutineList.self, daemon, { CoroutineList.Parameters(cursor: $0, task: task) }, next: \.cursor)
    let coroutines = pages.flatMap(\.coroutines)
    if daemon.json {
      for coroutine in coroutines { try Output.json(coroutine) }
    } else if coroutines.isEmpty {
      Output.diagnostic("no fetch is in progress; crawlctl hosts and crawlctl why TASK show what is waited for")
    } else {
      Output.table(Self.table(of: coroutines), table)
    }
  }

  private func listAll() throws {
    let coroutines = try Session.pages(
      CoroutineSnapshot.self, daemon, { PageParameters(cursor: $0) }, next: \.cursor
    ).flatMap(\.coroutines)
    if daemon.json {
      for coroutine in coroutines { try Output.json(coroutine) }
    } else {
      Output.table(Self.table(of: coroutines), table)
    }
  }

  package static func table(of coroutines: [LoopCoroutineReport]) -> TextTable {
    var table = TextTable([
      .init("ID", .right), .init("WAITS FOR", givesWay: true), .init("WAITED", .right), .init("AGE", .right),
      .init("COROUTINE", givesWay: true),
    ])
    for coroutine in coroutines {
      let waits = (coroutine.waitingFor ?? "") + (coroutine.cancelled ? " (cancelled)" : "")
      table.append([
        "\(coroutine.id)", waits, Text.duration(coroutine.waitingAge), Text.duration(coroutine.age), coroutine.name,
      ])
    }
    return table
  }

  package static func table(of coroutines: [CoroutineReport]) -> TextTable {
    var table = TextTable([
      .init("TASK", givesWay: true), .init("HOST", givesWay: true), .init("PHASE"), .init("IN PHASE", .right),
      .init("AGE", .right), .init("BYTES", .right), .init("URL", givesWay: true),
    ])
    for coroutine in coroutines {
      let phase = coroutine.phase.split(separator: "_").joined(separator: " ")
      table.append([
        coroutine.taskName, coroutine.host, coroutine.robots ? "\(phase) (robots)" : phase,
        Text.duration(coroutine.phaseAge), Text.duration(coroutine.age), ByteCount.format(coroutine.bytes),
        coroutine.url,
      ])
    }
    return table
  }
}
