/// One coroutine that waits for one event. Belongs to the loop's thread; the first wake-up counts.
///
/// Its own state makes sure that the continuation is resumed exactly once.
final class Waiter: Wait, @unchecked Sendable {
  enum Wake {
    case happened
    case cancelled
  }

  private enum State {
    case idle
    case parked(UnsafeContinuation<Void, Never>)
    case woken(Wake)
  }

  /// The place in the heap of deadlines of one that sleeps; see `DelayedCallHeap`.
  var heapIndex = Waiter.notInHeap
  private var state = State.idle
  /// The record of the coroutine that is parked with it, or was last: most often that of the next one, too.
  fileprivate(set) var record: RunningTask?

  static let notInHeap = UInt32.max

  /// Makes it as new; nobody else may know it.
  func reset() {
    state = .idle
  }

  func park(_ continuation: UnsafeContinuation<Void, Never>) {
    switch state {
    case .idle: state = .parked(continuation)
    case .woken: continuation.resume()
    case .parked: fatalError("two coroutines wait with one waiter")
    }
  }

  /// Wakes the coroutine; false and without effect when it was woken before.
  @discardableResult
  func wake(_ wake: Wake = .happened) -> Bool {
    switch state {
    case .idle:
      state = .woken(wake)
    case .parked(let continuation):
      state = .woken(wake)
      continuation.resume()
    case .woken:
      return false
    }
    return true
  }

  /// The coroutine goes on. Out of line, and so out of its frame.
  @inline(never)
  func endWait() {
    record?.unpark()
  }

  override func cancel() {
    wake(.cancelled)
  }

  var isCancelled: Bool {
    if case .woken(.cancelled) = state { true } else { false }
  }
}

extension EventLoop {
  /// Suspends the current coroutine until the waiter is woken or the coroutine is cancelled.
  ///
  /// - Throws: `CancellationError` when cancellation came first.
  func wait(for waiter: Waiter) async throws(CancellationError) {
    checkCoroutine()
    await park(with: waiter)
    if waiter.isCancelled { throw CancellationError() }
  }

  /// Suspends the current coroutine until the waiter is woken, or until the coroutine is cancelled, which wakes it too.
  ///
  /// It stays in its caller's actor, so the way back costs one look at the executor. A coroutine that is cancelled already
  /// parks with a waiter that was woken before.
  @inline(__always)
  nonisolated(nonsending) func park(with waiter: Waiter) async {
    if beginWait(with: waiter) {
      // The standard library's entry for callers that stay where they are: `withUnsafeContinuation` asks the runtime once
      // more whether it is in its caller's actor, which costs as much as the wake-up itself (290 instructions).
      await _unsafeInheritExecutor_withUnsafeContinuation { waiter.park($0) }
      waiter.endWait()
    } else {
      await home.waitInChild(for: waiter)
    }
  }

  /// Tells the record of the coroutine that runs what it parks with; false when the coroutine has none of its own.
  @inline(never)
  func beginWait(with waiter: Waiter) -> Bool {
    // Asked of the runtime: an immediate child begins within a job of its parent.
    guard let running = TaskReference.current else { return false }
    if waiter.record?.task != running || waiter.record?.isCovered != false {
      guard let record = currentRecord, record.task == running else { return false }
      waiter.record = record
    }
    if running.isCancelled { waiter.wake(.cancelled) }
    waiter.record?.park(with: waiter)
    return true
  }

  /// The record of the coroutine that runs, or of an ancestor; nil when it belongs to another loop, which may be reading it
  /// now: a coroutine of that loop is a guest here.
  var currentRecord: RunningTask? {
    guard let record = RunningTask.current, record.loop === self else { return nil }
    return record
  }

  /// Suspends the current coroutine until the waiter is woken; cancellation does not shorten it.
  func waitUninterrupted(for waiter: Waiter) async {
    checkCoroutine()
    await home.waitUninterrupted(for: waiter)
  }

  /// What a wait is called in the task table.
  func text(of wait: Wait) -> String {
    if case .sleep = wait.reason, let sleeper = wait as? Waiter, let deadline = timers.deadline(of: sleeper) {
      return "sleep until \(Instant(nanoseconds: deadline))"
    }
    return wait.description
  }

  func checkCoroutine() {
    mustHold(isCurrent, "a coroutine waits on an event loop that does not run it: start it with startTask of that loop")
  }
}
