package import EventLoop

/// A reader that holds an old state of the database, so that the write-ahead log can't start anew.
package struct LongReader: Sendable, Equatable {
  /// The processes that read, by number and name; none when only this one does, or nobody knows.
  package var processes: [String]
  /// When it was noticed.
  package var since: EventLoop.Instant
}

/// When the write-ahead log is copied to the database so that it starts anew. A pure value.
/// A copy is due when the log is above its limit. When a reader keeps the log from starting anew, or the copy fails, it
/// is due again after a time, even if nothing commits meanwhile: a caller that waits for the log to shrink commits
/// nothing. Most readers are gone at once, and a removal writes 100 MB a second. So the first wait for a reader is short,
/// and each further one is twice as long.
package struct CheckpointSchedule {
  /// Why the log did not start anew when it was tried last.
  private enum Obstacle {
    case reader(LongReader)
    case failure(String)
  }

  private var obstacle: Obstacle?
  private var retryAt: EventLoop.Instant?
  /// How long the last wait for a reader was.
  private var waited: Duration?
  /// A reader that has been in the way for `StorePolicy.longReaderTime`.
  package private(set) var longReader: LongReader?

  package init() {}

  /// Why the log did not start anew when it was tried last; `nil` when it did.
  var problem: String? {
    switch obstacle {
    case nil: nil
    case .reader: "a reader keeps the write-ahead log from starting anew"
    case .failure(let sentence): sentence
    }
  }

  /// What kept it from being copied, when that was no reader.
  var failure: String? {
    if case .failure(let sentence) = obstacle { sentence } else { nil }
  }

  /// When the next one begins; `nil` when none is due: the log is below the limit.
  func begin(walBytes: Int, limit: Int, now: EventLoop.Instant) -> EventLoop.Instant? {
    retryAt ?? (walBytes >= limit ? now : nil)
  }

  mutating func succeeded() {
    obstacle = nil
    longReader = nil
    retryAt = nil
    waited = nil
  }

  /// - Parameter processes: those that read now. Only a process that was reading at every try so far is in the way. When
  ///   none of these is left, the time counts anew.
  package mutating func wasBlocked(by processes: [String], at now: EventLoop.Instant, _ policy: StorePolicy) {
    var reader = LongReader(processes: processes, since: now)
    if case .reader(let known) = obstacle {
      let remaining = known.processes.filter(processes.contains)
      if !remaining.isEmpty || known.processes == processes {
        reader = LongReader(processes: remaining, since: known.since)
      }
    }
    obstacle = .reader(reader)
    longReader = now - reader.since >= policy.longReaderTime ? reader : nil
    let wait = min(policy.checkpointRetryInterval, waited.map { $0 * 2 } ?? policy.checkpointRetryInterval / 64)
    waited = wait
    retryAt = now + wait
  }

  mutating func failed(_ error: any Error, at now: EventLoop.Instant, _ policy: StorePolicy) {
    obstacle = .failure(StoreFailure(StoreError(error), since: 0).sentence)
    longReader = nil
    retryAt = now + policy.checkpointFailureInterval
  }
}
