package import ArgumentParser
package import Control
import Units

/// `crawlctl show TASK…`
package struct ShowTask: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows tasks, each by itself: state, counts, outcomes, last errors, settings and their last changes.")

  @Argument(
    help: ArgumentHelp("Id, name, or the beginning of a name.", valueName: "task"), completion: .tasks)
  var tasks: [String]
  @Flag(help: "Show every setting, not only those that differ from the daemon's defaults.") var allSettings = false
  @OptionGroup var table: TableOptions
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    var shown = 0
    let status = try SelectionOptions.each(tasks, json: daemon.json) { name in
      let task = try Session.ask(TaskShow.self, TaskShow.Parameters(task: name), daemon).task
      if daemon.json { return try Output.json(task) }
      if shown > 0 { Output.write("\n") }
      shown += 1
      show(task)
    }
    if status != .ok { throw Failure(status) }
  }

  private func show(_ task: TaskReport) {
    let now = Timestamp.now().microseconds
    Output.sheet(Self.sheet(of: task, now: now, hint: daemon.hint, allSettings: allSettings))
    if let errors = task.errors, !errors.isEmpty {
      var rows = TextTable([.init("LAST ERRORS"), .init("AGE", .right), .init("URL", givesWay: true), .init("ERROR")])
      for error in errors {
        let age = error.at.map { Text.duration(now &- $0) } ?? ""
        rows.append([error.outcome, age, error.url, error.error ?? ""])
      }
      Output.write("\n")
      Output.table(rows, table)
    }
  }

  package static func sheet(
    of task: TaskReport, now: Int64, hint: String = "", allSettings: Bool = false
  ) -> TextSheet {
    var sheet = TextSheet()
    let counts = task.counts
    sheet.add("task", "\(task.id)  \(task.name)")
    let isSettled = task.finishedAt != nil || task.state == task.desiredState
    sheet.add("state", Text.state(task) + (isSettled ? "" : " → \(task.desiredState)"))
    if let sentence = task.holdSentence { sheet.add("held up", "no fetch starts: \(sentence)") }
    if task.open == true { sheet.add("open", "more seeds may come; crawlctl seal \(task.id) when there are none") }
    if let earlier = task.recrawlOf { sheet.add("recrawl of", "task \(earlier)") }
    sheet.add("possible now", task.actions.isEmpty ? "nothing" : task.actions.joined(separator: " "))
    sheet.add("added", Text.until(task.createdAt, now: now))
    if let started = task.startedAt { sheet.add("started", Text.until(started, now: now)) }
    if let finished = task.finishedAt { sheet.add("finished", Text.until(finished, now: now)) }
    if let next = task.nextRunAt {
      let cause = next > now ? "" : "; crawlctl why \(task.id)\(hint) tells what it waits for"
      sheet.add("again", "\(Text.until(next, now: now)), as a recrawl\(cause)")
    }
    if let every = task.waitingSchedule {
      sheet.add("again", "every \(every), but not before this crawl has ended; crawlctl why \(task.id)\(hint)")
    }
    if let elapsed = task.elapsed { sheet.add("elapsed", Text.duration(elapsed)) }
    sheet.add(
      "URLs",
      "\(Text.count(counts.known)) known: \(Text.count(counts.done)) done, \(Text.count(counts.failed)) failed, "
        + "\(Text.count(counts.excluded)) excluded, \(Text.count(counts.ready)) ready, "
        + "\(Text.count(counts.delayed)) delayed, \(Text.count(counts.inFlight)) in flight")
    sheet.add(
      "fetched",
      "\(Text.count(counts.finalAnswers, "final answer"))\(Text.ok(task)) in "
        + "\(Text.count(counts.fetches, "fetch")), \(Text.rate(task.rate)) now")
    sheet.add(
      "bytes", "\(ByteCount.format(task.bytes.wire)) received, \(ByteCount.format(task.bytes.body)) after decoding")
    if let outcomes = task.outcomes, !outcomes.isEmpty { sheet.add("outcomes", Text.counts(outcomes)) }
    if let changes = Text.changes(task) { sheet.add("changes", changes) }
    for state in ["excluded", "failed"] {
      let reasons = (task.reasons ?? []).filter { $0.state == state }
      if !reasons.isEmpty {
        let byReason = Dictionary(reasons.map { ($0.reason, $0.count) }, uniquingKeysWith: &+)
        sheet.add(state, Text.counts(byReason))
      }
    }
    for failed in task.handlerFailures ?? [] {
      sheet.add(
        "handler", "\(failed.handler): \(Text.count(failed.count, "call")) of \(failed.kind) failed (\(failed.reason))")
    }
    if let inVain = Text.inVain(task, hint: hint) { sheet.add("in vain", inVain) }
    for (index, seed) in (task.seeds ?? []).enumerated() { sheet.add(index == 0 ? "seeds" : "", seed) }
    if let seeds = task.seeds, task.seedCount > seeds.count {
      sheet.add("", "… and \(Text.count(task.seedCount - seeds.count)) more")
    }
    let told = allSettings ? nil : task.otherSettings.map(Set.init)
    let shown = task.settings.filter { told?.contains($0.key) ?? true }.sorted { $0.key < $1.key }
    // As set takes them.
    let texts = shown.flatMap { setting in
      (task.settingLists?[setting.key] ?? [setting.value]).map { "\(setting.key)=\($0)" }
    }
    for (index, text) in texts.enumerated() { sheet.add(index == 0 ? "settings" : "", text) }
    let rest = task.settings.count - shown.count
    if rest > 0 {
      sheet.add(shown.isEmpty ? "settings" : "", "\(rest) as the daemon's defaults have them (--all-settings)")
    }
    for (index, revision) in (task.settingsHistory ?? []).prefix(5).enumerated() {
      let what = revision.changes.isEmpty ? "not known" : Text.changes(revision.changes)
      sheet.add(
        index == 0 ? "changed" : "",
        "revision \(revision.revision), \(Text.until(revision.at, now: now)) by \(revision.actor): \(what)")
    }
    return sheet
  }
}
