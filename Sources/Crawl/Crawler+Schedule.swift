internal import EventLoop
internal import Logging

// Tasks that are crawled again and again: `every` after it was started, or at its end if that is later, a task that has
// finished or failed is followed by a recrawl with its settings, which has the schedule from then on.
//
// Invariants
// - One transaction adds the recrawl and ends the schedule of the earlier task: a kill at any moment makes neither two nor none.
extension Crawler {
  /// When a task that ends now is crawled again.
  func nextRun(of task: CrawlTask, _ settings: TaskSettings) -> Int64? {
    settings.every.map { max(wallNow, (task.startedAt ?? wallNow) &+ $0.microseconds) }
  }

  func schedule(_ task: CrawlTask, at time: Int64?) {
    task.nextRunAt = time
    task.nextRunTry = .min
    if time == nil { scheduled.remove(task.id) } else { scheduled.insert(task.id) }
    needsPump()
  }

  /// Adds the recrawls that are due.
  func startDueRuns() {
    for id in scheduled.sorted() {
      guard let task = tasks[id], let time = task.nextRunAt, task.state.isFinal, task.state != .removing else {
        continue
      }
      if time > dueNow || task.nextRunTry > now { continue }
      task.nextRunTry = now + Self.runRetry
      // By a user, without a schedule of its own.
      if recrawls(of: id).contains(where: { !$0.state.isFinal }) { continue }
      loop.startTask(name: "scheduled recrawl") { await self.startRun(of: id) }
    }
  }

  /// Between tries to add a recrawl, in microseconds.
  private static let runRetry: Int64 = 10_000_000

  private func startRun(of id: Int64) async {
    do {
      _ = try await add(TaskSubmission(seeds: [], recrawlOf: id, actor: "schedule"))
    } catch {
      if !isStopping { logger.error("task \(id) could not be crawled again, tried again in 10 s: \(error)") }
    }
  }

  /// When the first of them is due; loop time.
  var nextRunTime: Int64? {
    scheduled.compactMap { id in
      guard let task = tasks[id], task.state.isFinal, task.state != .removing else { return nil }
      return task.nextRunAt.map { max(loopTime(ofDue: $0), task.nextRunTry) }
    }.min()
  }
}
