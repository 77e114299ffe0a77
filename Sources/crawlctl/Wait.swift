package import ArgumentParser
import Control
import EventLoop
import Units

/// `crawlctl wait TASK…`
package struct Wait: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Waits until tasks are done, or paused, and exits with what they came to.")

  @Argument(help: ArgumentHelp("Id, name, or the beginning of a name.", valueName: "task"))
  var tasks: [String]

  @Option(
    name: .customLong("for"), help: ArgumentHelp("What is waited for: done or paused.", valueName: "state"))
  var goal: Goal = .done

  @Option(help: ArgumentHelp("How long at most, over all of them (default: for ever).", valueName: "duration"))
  var timeout: String?

  @OptionGroup var daemon: DaemonOptions

  enum Goal: String, ExpressibleByArgument, CaseIterable, Sendable {
    case done, paused
  }

  package init() {}

  package func validate() throws {
    if let timeout { _ = try duration(timeout) }
  }

  package func run() throws {
    let limit = try timeout.map(duration)
    let goal: TaskWait.Goal = self.goal == .done ? .done : .paused
    let (path, names) = (daemon.path, tasks)
    let reports = try Session.run { loop in
      let deadline = limit.map { loop.now + $0 }
      return try await ControlClient.connect(to: path, on: loop) { client in
        var reports: [TaskReport] = []
        for name in names { reports.append(try await client.wait(for: name, goal, until: deadline, on: loop)) }
        return reports
      }
    }
    var table = TextTable([.init("ID", .right), .init("NAME", givesWay: true), .init("STATE")])
    for report in reports {
      if daemon.json { try Output.json(report) }
      table.append([String(report.id), report.name, Text.state(report)])
    }
    if !daemon.json { Output.table(table) }
    let status = ExitStatus.joined(reports.map { .of($0, goal: goal) })
    if status != .ok { throw Failure(status) }
  }

  private func duration(_ text: String) throws -> Duration {
    do {
      return try DurationText.parse(text)
    } catch {
      throw ValidationError("--timeout: \(error)")
    }
  }
}

extension ControlClient {
  /// Waits for one task by long polls of the daemon. Throws `timedOut` when the deadline passes first.
  func wait(
    for task: String, _ goal: TaskWait.Goal, until deadline: EventLoop.Instant?, on loop: EventLoop
  ) async throws -> TaskReport {
    var patience = TaskWait.Parameters(task: task, goal: goal)
    while true {
      if let deadline {
        let rest = max(.zero, deadline - loop.now)
        patience.timeoutMilliseconds = Int(min(rest, .seconds(30)) / .milliseconds(1)) + 1
      }
      let result = try await call(TaskWait.self, patience)
      if result.reached { return result.task }
      // From now on by its id: a name could become that of another task.
      patience.task = String(result.task.id)
      if let deadline, loop.now >= deadline {
        throw ControlError(.timedOut, "\(result.task.name) is still \(result.task.state)")
      }
    }
  }
}
