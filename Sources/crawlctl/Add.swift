package import ArgumentParser
import Control
import EventLoop
import Glibc

/// `crawlctl add URL…`
package struct Add: ParsableCommand {
  package static let configuration = CommandConfiguration(abstract: "Adds a task and answers its id.")

  @OptionGroup package var task: TaskOptions
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    let (task, daemon) = (task, daemon)
    let (result, invalid) = try Session.run { loop in
      try await ControlClient.connect(to: daemon.path, on: loop) { client in
        let submission = try Submission(task, client: client, loop: loop, hint: daemon.hint)
        let interrupts = try loop.signals(SIGINT)
        _ = loop.startTask(name: "stop on interrupt") {
          for await _ in interrupts { submission.leave() }
        }
        let result = try await submission.submit()
        submission.sayWhatWasLeftOut()
        return (result, submission.invalid)
      }
    }
    if daemon.json {
      try Output.json(result.task)
    } else {
      let added = result.task
      var table = TextTable([.init("ID", .right), .init("NAME"), .init("STATE"), .init("SEEDS", .right)])
      table.append([String(added.id), added.name, Text.state(added), Text.count(added.seedCount)])
      Output.table(table)
      if !result.created { Output.diagnostic("this client key is known: the task is that of the first request") }
    }
    if invalid > 0 { throw Failure(.someFailed) }
  }
}
