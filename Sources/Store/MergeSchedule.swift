internal import EventLoop

/// When segments of the full-text index are merged. A pure value.
/// Each transaction that changes texts adds a segment or more, and a search looks into all of them. By itself FTS5 would
/// merge within such a transaction, now and then everything at once. So that no transaction takes long, the writer merges
/// in steps between them instead. For each `StorePolicy.mergePages` pages that a transaction with texts has written, one
/// step runs before the next transaction that may change texts. Further steps wait until nobody else wants the writer;
/// but with more than `StorePolicy.segments` segments they run before everything that may change texts.
struct MergeSchedule {
  /// After the opening nobody knows, so one is tried.
  private var isOwed = true
  private var stepsBeforeNext = 0
  private var segments = 0
  private var retryAt: EventLoop.Instant?
  /// Why the last step failed; `nil` when it did not.
  private(set) var failure: String?

  /// When the next step begins; `nil` when there is nothing to merge.
  func begin(now: EventLoop.Instant) -> EventLoop.Instant? { isOwed ? retryAt ?? now : nil }

  /// It goes before whatever may change texts.
  func isPressing(now: EventLoop.Instant, _ policy: StorePolicy) -> Bool {
    guard let begin = begin(now: now), begin <= now else { return false }
    return stepsBeforeNext > 0 || segments > policy.segments
  }

  /// A transaction with texts has written so many pages.
  mutating func textsChanged(pages: Int, _ policy: StorePolicy) {
    isOwed = true
    stepsBeforeNext = max(1, pages / policy.mergePages)
  }

  mutating func succeeded(_ step: Writer.MergeStep) {
    isOwed = step.hasMerged
    stepsBeforeNext = isOwed ? max(0, stepsBeforeNext - 1) : 0
    segments = step.segments
    retryAt = nil
    failure = nil
  }

  mutating func failed(_ error: any Error, at now: EventLoop.Instant, _ policy: StorePolicy) {
    failure = StoreFailure(StoreError(error), since: 0).sentence
    retryAt = now + policy.mergeFailureInterval
  }
}
