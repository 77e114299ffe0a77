package import ArgumentParser
package import Control
import EventLoop
import Glibc
import Units

/// `crawlctl run URL…`
package struct Run: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Adds a task, follows it with live progress, and exits with its outcome. Ctrl-C detaches.")

  @OptionGroup package var task: TaskOptions
  @OptionGroup var daemon: DaemonOptions

  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Say what to type next.", visibility: .hidden))
  var hints = true

  package init() {}

  package func run() throws {
    let (task, daemon, path, hints) = (task, daemon, daemon.path, hints)
    let (report, invalid) = try Session.run { loop in
      try await ControlClient.connect(to: path, on: loop) { client in
        let submission = try Submission(task, client: client, loop: loop, hint: daemon.hint)
        let line = ProgressLine()
        try Self.detachOnInterrupt(from: submission, line, daemon, givesHints: hints, loop)
        let added = try await submission.submit()
        submission.sayWhatWasLeftOut()
        if !added.created { Output.diagnostic("task \(added.task.id) \(added.task.name) has this client key already") }
        let id = String(added.task.id)
        do {
          try await Self.follow(added.task, isNew: added.created, line, client, loop)
          return (try await client.call(TaskShow.self, TaskShow.Parameters(task: id)).task, submission.invalid)
        } catch let error as ControlError {
          line.end()
          throw hints ? Wait.lost([id], error, hint: daemon.hint) : error
        }
      }
    }
    if daemon.json {
      try Output.json(report)
    } else {
      Output.write(Self.summary(of: report, hint: hints ? daemon.hint : nil))
    }
    let status = ExitStatus.of(report)
    if status != .ok { throw Failure(status) }
    if invalid > 0 { throw Failure(.someFailed) }
  }

  /// Shows the task's progress until it has come to rest: a bar on a terminal, else a line every five seconds.
  private static func follow(
    _ task: TaskReport, isNew: Bool, _ line: ProgressLine, _ client: ControlClient, _ loop: EventLoop
  ) async throws {
    let isLive = line.isLive
    let interval: Duration = isLive ? .milliseconds(500) : .seconds(5)
    let start = loop.now
    var progress = Progress()
    var poll = TaskWait.Parameters(task: String(task.id))
    poll.timeoutMilliseconds = Int(interval / .milliseconds(1))
    if !isLive, isNew { Output.diagnostic("task \(task.id) \(task.name) was added") }
    while true {
      let result = try await client.call(TaskWait.self, poll)
      let elapsed = microseconds(loop.now - start)
      progress.note(result.task, now: elapsed)
      var reason: String?
      if !result.reached, progress.isStill(now: elapsed) {
        let why = try await client.call(TaskWhy.self, TaskWhy.Parameters(subject: String(task.id)))
        reason = Progress.reason(in: why, now: Timestamp.now().microseconds)
      }
      if isLive, result.reached {
        line.clear()
      } else if isLive {
        line.show(progress.line(result.task, elapsed: elapsed, width: line.width, reason: reason))
      } else {
        Output.diagnostic(progress.line(result.task, elapsed: elapsed, width: nil, reason: reason))
      }
      if result.reached { return }
    }
  }

  /// Ctrl-C ends this program, not the task; one that has not all of its seeds yet waits for them.
  private static func detachOnInterrupt(
    from submission: Submission, _ line: ProgressLine, _ daemon: DaemonOptions, givesHints: Bool, _ loop: EventLoop
  ) throws {
    let interrupts = try loop.signals(SIGINT)
    _ = loop.startTask(name: "detach on interrupt") {
      for await _ in interrupts {
        line.end()
        guard submission.isWhole, let task = submission.task else { submission.leave() }
        Output.diagnostic("detached from task \(task.id) \(task.name)" + (givesHints ? ", which goes on" : ""))
        if givesHints {
          Output.diagnostic("follow it:  crawlctl wait \(task.id)\(daemon.hint)")
          Output.diagnostic("stop it:    crawlctl cancel \(task.id)\(daemon.hint)")
        }
        ExitStatus.detached.exit()
      }
    }
  }

  /// What the task came to, and the command to go on with.
  ///
  /// - Parameter hint: what `crawlctl` needs to reach the daemon; nil leaves out what to type next.
  package static func summary(of task: TaskReport, hint: String?) -> String {
    var sheet = TextSheet()
    let counts = task.counts
    var state = Text.state(task)
    if let elapsed = task.elapsed { state += " after \(Text.duration(elapsed))" }
    sheet.add("task", "\(task.id)  \(task.name): \(state)")
    sheet.add(
      "fetched",
      "\(Text.count(counts.finalAnswers, "page"))\(Text.ok(task)), "
        + "\(ByteCount.format(task.bytes.wire)) received")
    if let outcomes = task.outcomes, !outcomes.isEmpty { sheet.add("outcomes", Text.counts(outcomes)) }
    if let changes = Text.changes(task) { sheet.add("changes", changes) }
    sheet.add(
      "URLs",
      "\(Text.count(counts.known)) known, \(Text.count(counts.excluded)) excluded, \(Text.count(counts.failed)) failed"
        + (counts.queued > 0 ? ", \(Text.count(counts.queued)) still queued" : ""))
    if let inVain = Text.inVain(task, hint: hint) { sheet.add("in vain", inVain) }
    if let error = task.errors?.first, counts.finalAnswers == 0 {
      sheet.add("last error", "\(error.outcome) \(error.url)" + (error.error.map { " (\($0))" } ?? ""))
    }
    guard let hint else { return sheet.rendered() }
    if task.reasons?.contains(where: { $0.reason == "address_refused" }) == true {
      sheet.add(
        "refused", "hosts in private or reserved networks: crawld's --allow-network CIDR or [network] allow allows them"
      )
    }
    if task.actions.contains("resume") {
      let quota = Self.quotas[task.reason ?? ""].map { "crawlctl set \(task.id) \($0)=…\(hint), then " } ?? ""
      sheet.add("go on", "\(quota)crawlctl resume \(task.id)\(hint)")
    }
    if counts.finalAnswers > 0 { sheet.add("query it", "crawlctl query\(hint) \(Self.query(of: task.name))") }
    return sheet.rendered()
  }

  /// The setting that raises a quota, by the reason of the pause.
  private static let quotas = ["quota_pages": "max_pages", "quota_bytes": "max_bytes", "quota_time": "max_time"]

  /// A query of the task's pages as a shell takes it: readable in double quotes when the name needs no quoting.
  private static func query(of name: String) -> String {
    let literal = name.replacingScalars { $0 == "'" ? "''" : nil }
    let query = "SELECT status, url, title FROM v_pages WHERE task = '\(literal)' LIMIT 20"
    return ShellText.quote(name) == name ? "\"\(query)\"" : ShellText.quote(query)
  }

  private static func microseconds(_ duration: Duration) -> Int64 {
    Int64(duration / .microseconds(1))
  }
}
