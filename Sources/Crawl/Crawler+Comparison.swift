internal import EventLoop
internal import Logging
internal import Store

// Texts that are nearly the same are found in the background: when a task comes to rest, and while it runs each time that it
// has a third more fetches than when they were compared last, so that all comparisons of a crawl together cost a few times
// what the last one does.
extension Crawler {
  /// Between two looks at tasks that run, and after a comparison that failed.
  private static let comparisonInterval = Duration.seconds(10)
  /// The longest time between two tries with the texts of one task.
  private static let longestComparisonDelay = Duration.seconds(3_600)

  private static let partialComparison =
    "it has more texts, or pairs of them that are nearly the same, than are compared; v_near_duplicates has some of the pairs"

  /// Begins to compare the texts of a task that is due, unless that is done for one now.
  func lookForTexts() {
    comparisonTimer?.cancel()
    comparisonTimer = nil
    guard !isStopping, !isComparing else { return }
    if let task = tasks.values.filter(isComparisonDue).min(by: { $0.id < $1.id }) {
      isComparing = true
      let (id, runID) = (task.id, task.runID)
      loop.startTask(name: "compare texts of task \(id)") { await self.compareTexts(of: id, runID: runID) }
    } else if tasks.values.contains(where: { $0.comparisonError != nil })
      || running.values.contains(where: { $0.settings.storage.keepsText })
    {
      comparisonTimer = loop.callLater(Self.comparisonInterval) { self.lookForTexts() }
    }
  }

  private func isComparisonDue(_ task: CrawlTask) -> Bool {
    if task.nextComparison > now { return false }
    let new = task.counters.fetches &- task.comparedFetches
    switch task.state {
    case .running, .pausing, .cancelling:
      return task.settings.storage.keepsText && new > 0 && new >= task.counters.fetches / 4
    case .queued, .paused, .cancelled, .finished, .failed: return new != 0
    case .removing: return false
    }
  }

  private func compareTexts(of id: Int64, runID: Int64) async {
    do {
      let comparison = try await store.compareTexts(ofTask: id, runID: runID)
      if let task = tasks[id] {
        task.comparedFetches = comparison.fetches
        if comparison.isPartial, !task.isComparedInPart {
          logger.warning("task \(id) \(task.name): \(Self.partialComparison)")
        }
        task.isComparedInPart = comparison.isPartial
        (task.comparisonError, task.failedComparisons, task.nextComparison) = (nil, 0, .min)
      }
      isComparing = false
      lookForTexts()
    } catch {
      isComparing = false
      if isStopping { return }
      if let task = tasks[id] { postponeComparison(of: task, "\(error)") }
      comparisonTimer?.cancel()
      comparisonTimer = loop.callLater(Self.comparisonInterval) { self.lookForTexts() }
    }
  }

  /// Has other tasks compared first: what is wrong may be one row of this one.
  private func postponeComparison(of task: CrawlTask, _ error: String) {
    let delay = min(Self.comparisonInterval * (1 << min(task.failedComparisons, 16)), Self.longestComparisonDelay)
    task.failedComparisons += 1
    task.nextComparison = now + delay.microseconds
    if task.comparisonError == nil {
      logger.error("the texts of task \(task.id) \(task.name) can't be compared, tried again and again: \(error)")
    }
    task.comparisonError = error
  }

  /// What keeps a task's texts from being compared.
  func comparisonLines(_ task: CrawlTask) -> [WhyLine] {
    guard let error = task.comparisonError, task.state != .removing else { return [] }
    let text = "its texts can't be compared, so that v_near_duplicates lacks pairs of them; tried again: \(error)"
    return [line("texts", text, until: wallTime(ofLoop: max(now, task.nextComparison)))]
  }
}
