package import ArgumentParser
package import Control
import EventLoop
import Glibc
import Units

/// `crawlctl wait TASK…`
package struct Wait: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Waits until tasks are done, or paused, and exits with what they came to.",
    usage: "crawlctl wait [<task> ...] [<options>]",
    discussion: """
      One after another: on a terminal it shows the progress of the first that has not come to rest, and which of them \
      that is.
      """)

  @OptionGroup var selection: SelectionOptions

  @Option(
    name: .customLong("for"), help: ArgumentHelp("What is waited for: done or paused.", valueName: "state"))
  var goal: TaskWait.Goal = .done

  @Option(help: ArgumentHelp("How long at most, over all of them (default: for ever).", valueName: "duration"))
  var timeout: String?

  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func validate() throws {
    if let timeout { _ = try duration(timeout) }
  }

  package func run() throws {
    let limit = try timeout.map(duration)
    let goal = goal
    let names = try SelectionOptions.tasks(selection.tasks, all: selection.all, selection.filter, daemon)
    if names.isEmpty { return Output.diagnostic("there is no task that this can be done to") }
    let (path, hint) = (daemon.path, daemon.hint)
    let tellsMore = !daemon.json
    let (reports, notes) = try Session.run { loop in
      let line = ProgressLine()
      let isLive = line.isLive
      let interrupts = try loop.signals(SIGINT)
      _ = loop.startTask(name: "end at interrupt") {
        for await _ in interrupts {
          line.end()
          ExitStatus.detached.exit()
        }
      }
      let start = loop.now
      let deadline = limit.map { loop.now + $0 }
      return try await ControlClient.connect(to: path, on: loop) { client in
        var reports: [TaskReport] = []
        var notes: [String] = []
        for (index, name) in names.enumerated() {
          var progress = Progress()
          let report: TaskReport
          do {
            report = try await client.wait(
              for: name, goal, until: deadline, every: isLive ? .milliseconds(500) : .seconds(30), on: loop
            ) { task in
              guard isLive else { return }
              let elapsed = Int64((loop.now - start) / .microseconds(1))
              progress.note(task, now: elapsed)
              let place = names.count > 1 ? "\(index + 1) of \(names.count): " : ""
              line.show(progress.line(task, elapsed: elapsed, width: line.width, place: place))
            }
          } catch let error as ControlError {
            line.end()
            throw Self.lost(Array(names[index...]), error, goal: goal, hint: hint)
          }
          line.clear()
          reports.append(report)
          if tellsMore, let note = await client.note(on: report, hint: hint) { notes.append(note) }
        }
        return (reports, notes)
      }
    }
    var table = TextTable([.init("ID", .right), .init("NAME", givesWay: true), .init("STATE")])
    for report in reports {
      if daemon.json { try Output.json(report) }
      table.append([String(report.id), report.name, Text.state(report)])
    }
    if !daemon.json { Output.table(table) }
    for note in notes { Output.diagnostic(note) }
    let status = ExitStatus.joined(reports.map { .of($0, goal: goal) })
    if status != .ok { throw Failure(status) }
  }

  /// Of a daemon that went away: what becomes of its tasks, and how to wait for them further. Any other error as it is.
  package static func lost(
    _ names: [String], _ error: ControlError, goal: TaskWait.Goal = .done, hint: String
  ) -> ControlError {
    guard error.code == .unreachable else { return error }
    let command = (["crawlctl wait"] + names.map(ShellText.quote)).joined(separator: " ")
    let whatFor = goal == .paused ? " --for paused" : ""
    let goesOn = names.count == 1 ? "the task goes" : "the tasks go"
    var told = error
    told.message += "; \(goesOn) on when the daemon is there again (follow: \(command)\(whatFor)\(hint))"
    return told
  }

  private func duration(_ text: String) throws -> Duration {
    try DurationOption.parse(text, of: "--timeout")
  }
}

extension TaskWait.Goal: ExpressibleByArgument {}

extension ControlClient {
  /// What a task that has ended leaves to be tried again, if there is any and the daemon can tell it now.
  fileprivate func note(on task: TaskReport, hint: String) async -> String? {
    guard task.actions.contains("retry"), task.finishedAt != nil,
      let shown = try? await call(TaskShow.self, TaskShow.Parameters(task: String(task.id))).task
    else { return nil }
    return Text.inVain(shown, hint: hint).map { "task \(task.id) \(task.name): \($0)" }
  }

  /// Waits for one task by long polls of the daemon, and tells how far it is after each. Throws `timedOut` when the
  /// deadline passes first.
  func wait(
    for task: String, _ goal: TaskWait.Goal, until deadline: EventLoop.Instant?, every interval: Duration,
    on loop: EventLoop, progress: (TaskReport) -> Void
  ) async throws -> TaskReport {
    var patience = TaskWait.Parameters(task: task, goal: goal)
    patience.timeoutMilliseconds = Int(interval / .milliseconds(1))
    while true {
      if let deadline {
        let rest = max(.zero, deadline - loop.now)
        patience.timeoutMilliseconds = Int(min(rest, interval) / .milliseconds(1)) + 1
      }
      let result = try await call(TaskWait.self, patience)
      if result.reached { return result.task }
      progress(result.task)
      // From now on by its id: a name could become that of another task.
      patience.task = String(result.task.id)
      if let deadline, loop.now >= deadline {
        throw ControlError(.timedOut, "\(result.task.name) is still \(result.task.state)")
      }
    }
  }
}
