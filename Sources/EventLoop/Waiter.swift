/// One coroutine that waits for one event. Belongs to the loop's thread; the first wake-up counts.
final class Waiter: @unchecked Sendable {
  enum Wake {
    case happened
    case cancelled
  }

  private enum State {
    case idle
    case parked(CheckedContinuation<Void, Never>)
    case woken(Wake)
  }

  private var state = State.idle

  init() {}

  func park(_ continuation: CheckedContinuation<Void, Never>) {
    switch state {
    case .idle: state = .parked(continuation)
    case .woken: continuation.resume()
    case .parked: preconditionFailure("two coroutines wait with one waiter")
    }
  }

  /// Wakes the coroutine; without effect after the first call.
  func wake(_ wake: Wake = .happened) {
    switch state {
    case .idle:
      state = .woken(wake)
    case .parked(let continuation):
      state = .woken(wake)
      continuation.resume()
    case .woken:
      break
    }
  }

  var isCancelled: Bool {
    if case .woken(.cancelled) = state { true } else { false }
  }
}

extension EventLoop {
  /// Suspends the current coroutine until the waiter is woken or the coroutine is cancelled.
  ///
  /// - Throws: `CancellationError` when cancellation came first.
  func wait(for waiter: Waiter, _ what: @autoclosure () -> WaitReason) async throws(CancellationError) {
    checkCoroutine()
    let record = TaskRecord.current
    record?.beginWaiting(for: what(), at: tickTime)
    await withTaskCancellationHandler {
      await home.park(waiter)
    } onCancel: {
      if isCurrent { waiter.wake(.cancelled) } else { callSoonThreadSafe { waiter.wake(.cancelled) } }
    }
    record?.endWaiting(at: tickTime)
    if waiter.isCancelled { throw CancellationError() }
  }

  /// Suspends the current coroutine until the waiter is woken; cancellation does not shorten it.
  func waitUninterrupted(for waiter: Waiter, _ what: @autoclosure () -> WaitReason) async {
    checkCoroutine()
    let record = TaskRecord.current
    record?.beginWaiting(for: what(), at: tickTime)
    await home.park(waiter)
    record?.endWaiting(at: tickTime)
  }

  func checkCoroutine() {
    precondition(
      isCurrent, "a coroutine waits on an event loop that does not run it: start it with startTask of that loop")
  }
}
