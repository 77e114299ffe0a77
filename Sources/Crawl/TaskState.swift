/// Where a task stands. Kept in `tasks.state`; what the user asked for is `tasks.desired_state`.
package enum TaskState: String, CaseIterable, Sendable {
  /// Waits for a slot among the running tasks.
  case queued
  case running
  /// No fetch starts; those in flight end.
  case pausing
  case paused
  /// No fetch starts; those in flight are aborted.
  case cancelling
  case cancelled
  /// No URL was ready, delayed or in flight any more.
  case finished
  /// It came to its end without one final HTTP answer.
  case failed
  /// Its rows are being deleted; it is gone when they are.
  case removing

  /// Nothing but a new run leads on from here.
  package var isFinal: Bool {
    switch self {
    case .cancelled, .finished, .failed, .removing: true
    case .queued, .running, .pausing, .paused, .cancelling: false
    }
  }

  /// What can be asked of a task in this state; verbs that would change nothing are accepted as well.
  package var actions: [Action] {
    switch self {
    case .queued, .running: [.pause, .cancel, .set, .retry, .offer]
    case .pausing, .paused: [.resume, .cancel, .set, .retry, .offer]
    case .cancelling: []
    case .cancelled: [.remove]
    case .finished, .failed: [.retry, .remove]
    case .removing: []
    }
  }

  package enum Action: String, Sendable {
    case pause, resume, cancel, set, retry, offer, seal
    case remove = "rm"
  }
}

/// What the user wants of a task; it outlives a restart.
package enum DesiredState: String, Sendable {
  case running
  case paused
  case cancelled
  case removed
}

/// Why a task is paused, failed or cancelled: the closed vocabulary of `tasks.reason`.
package enum TaskReason: String, CaseIterable, Sendable {
  case user
  case pageQuota = "quota_pages"
  case byteQuota = "quota_bytes"
  case timeQuota = "quota_time"
  /// Its settings name what the daemon's configuration does not have, or can't be read.
  case configuration
  /// Not one final HTTP answer came.
  case noAnswer = "no_answer"
  /// Enough later crawls of its URLs have finished: it is removed.
  case keepLast = "keep_last"
  /// Whoever added it is still handing over its seeds.
  case seeds

  /// A quota that can be raised.
  package var isQuota: Bool {
    switch self {
    case .pageQuota, .byteQuota, .timeQuota: true
    case .user, .configuration, .noAnswer, .keepLast, .seeds: false
    }
  }
}
