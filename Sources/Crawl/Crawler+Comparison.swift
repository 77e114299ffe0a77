internal import EventLoop
internal import Logging
internal import Store

// Texts that are nearly the same are found in the background: when a task comes to rest, and while it runs each time that it
// has a third more fetches than when they were compared last, so that all comparisons of a crawl together cost a few times
// what the last one does.
extension Crawler {
  /// Between two looks at tasks that run.
  private static let comparisonInterval = Duration.seconds(10)

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
    } else if running.values.contains(where: { $0.settings.storage.keepsText }) {
      comparisonTimer = loop.callLater(Self.comparisonInterval) { self.lookForTexts() }
    }
  }

  private func isComparisonDue(_ task: CrawlTask) -> Bool {
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
      }
      isComparing = false
      lookForTexts()
    } catch {
      isComparing = false
      if isStopping { return }
      logger.error("the texts of task \(id) can't be compared, tried again in 10 s: \(error)")
      comparisonTimer = loop.callLater(Self.comparisonInterval) { self.lookForTexts() }
    }
  }
}
