internal import EventLoop

/// When the write-ahead log is copied to the database so that it starts anew. A pure value.
///
/// A log above its size makes it due. When a reader keeps the log from starting anew, or the copy fails, it is due
/// again by time alone, whether anything commits meanwhile or not: whoever waits for the log to shrink commits nothing.
struct CheckpointSchedule {
  /// Why the log did not start anew when it was tried last; `nil` when it did.
  private(set) var problem: String?
  private var retryAt: EventLoop.Instant?

  /// When the next one begins; `nil` when none is due.
  func begin(walBytes: Int, now: EventLoop.Instant, _ policy: StorePolicy) -> EventLoop.Instant? {
    retryAt ?? (walBytes >= policy.checkpointBytes ? now : nil)
  }

  mutating func succeeded() {
    problem = nil
    retryAt = nil
  }

  mutating func wasBlocked(at now: EventLoop.Instant, _ policy: StorePolicy) {
    problem = "a reader keeps the write-ahead log from starting anew"
    retryAt = now + policy.checkpointRetryInterval
  }

  mutating func failed(_ error: any Error, at now: EventLoop.Instant, _ policy: StorePolicy) {
    problem = StoreFailure(StoreError(error), since: 0).sentence
    retryAt = now + policy.checkpointFailureInterval
  }
}
