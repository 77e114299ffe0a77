/// One coroutine that waits for one event. Belongs to the loop's thread; the first wake-up counts.
///
/// Its own state makes sure that the continuation is resumed exactly once.
final class Waiter: @unchecked Sendable {
  enum Wake {
    case happened
    case cancelled
  }

  private enum State {
    case idle
    case parked(UnsafeContinuation<Void, Never>)
    case woken(Wake)
  }

  private var state = State.idle

  init() {}

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

  var isCancelled: Bool {
    if case .woken(.cancelled) = state { true } else { false }
  }
}

extension EventLoop {
  /// Suspends the current coroutine until the waiter is woken or the coroutine is cancelled.
  ///
  /// - Throws: `CancellationError` when cancellation came first.
  func wait(for waiter: Waiter, _ reason: WaitReason) async throws(CancellationError) {
    checkCoroutine()
    await home.wait(for: waiter, reason)
    if waiter.isCancelled { throw CancellationError() }
  }

  /// Suspends the current coroutine until the waiter is woken; cancellation does not shorten it.
  func waitUninterrupted(for waiter: Waiter, _ reason: WaitReason) async {
    checkCoroutine()
    await home.waitUninterrupted(for: waiter, reason)
  }

  func checkCoroutine() {
    mustHold(isCurrent, "a coroutine waits on an event loop that does not run it: start it with startTask of that loop")
  }
}
