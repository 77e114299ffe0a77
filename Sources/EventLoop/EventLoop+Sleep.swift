extension EventLoop {
  /// Suspends the current coroutine for `duration`, counted from the start of this tick.
  ///
  /// - Throws: `CancellationError` as soon as the coroutine is cancelled; the deadline's memory is freed then.
  public func sleep(for duration: Duration) async throws {
    try await sleep(until: tickTime + duration)
  }

  /// Suspends the current coroutine until the first tick at or after `deadline`; at least for one round.
  @inline(__always)
  public func sleep(until deadline: Instant) async throws {
    let sleeper = newSleeper(until: deadline)
    await park(with: sleeper)
    timers.remove(sleeper)
    if sleeper.isCancelled { throw CancellationError() }
  }

  @inline(never)
  private func newSleeper(until deadline: Instant) -> Waiter {
    checkCoroutine()
    let sleeper = Waiter(.sleep, loop: self)
    timers.schedule(sleeper, at: deadline.nanoseconds)
    return sleeper
  }

  /// Runs `body` and cancels it when `limit` has passed.
  ///
  /// The body runs as a child of the current coroutine, which waits for it: it ends before this call returns, so a body
  /// that ignores its cancellation delays the return. A value that it returns in spite of the cancellation is returned.
  ///
  /// - Throws: `EventLoopError.timedOut` when the limit has passed and the body threw; what the body threw otherwise.
  public nonisolated(nonsending) func withTimeout<T>(
    _ limit: Duration, _ body: () async throws -> T
  ) async throws -> T {
    checkCoroutine()
    let scope = TimeoutScope<T>()
    let call = callLater(limit) { scope.expire() }
    defer { call.cancel() }
    await withoutActuallyEscaping(body, do: scope.runInChild)
    return try scope.take(limit: limit)
  }
}

/// The child coroutine of one `withTimeout`. Belongs to the loop's thread.
private final class TimeoutScope<T>: @unchecked Sendable {
  private enum State {
    case created
    case running(TaskReference?)
    case done(Result<T, any Error>)
  }

  private var body: (() async throws -> T)?
  private var state = State.created
  private var isExpired = false

  /// Runs `body` as a child of the current coroutine and awaits its end: the child has the only access meanwhile.
  nonisolated(nonsending) func runInChild(_ body: @escaping () async throws -> T) async {
    self.body = body
    async let finished: Void = run()
    await finished
    self.body = nil
  }

  @Sendable private func run() async {
    guard let body else { return }
    state = .running(.current)
    if isExpired { expire() }
    do {
      state = .done(.success(try await body()))
    } catch {
      state = .done(.failure(error))
    }
  }

  func expire() {
    isExpired = true
    // The reference is valid: the child leaves this state before it ends, on this thread.
    if case .running(let child) = state { child?.cancel() }
  }

  func take(limit: Duration) throws -> T {
    guard case .done(let result) = state else { fatalError("a body with a time limit was not awaited") }
    if isExpired, case .failure = result { throw EventLoopError.timedOut(limit: limit) }
    return try result.get()
  }
}
