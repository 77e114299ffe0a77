/// One coroutine that waits for one event. Belongs to the loop's thread; the first wake-up counts.
///
/// Its own state makes sure that the coroutine is resumed exactly once.
final class Waiter: Wait, @unchecked Sendable {
  enum Wake {
    case happened
    case cancelled
  }

  private enum Phase {
    case idle
    case parked
    case happened
    case cancelled
  }

  private var phase = Phase.idle
  /// The parked coroutine goes on in an actor of the loop, not outside of all.
  var isIsolated = true
  /// The place in the heap of deadlines of one that sleeps; see `DelayedCallHeap`.
  var heapIndex = Waiter.notInHeap
  private var job: UnownedJob?
  /// The record of the coroutine that is parked with it, or was last: most often that of the next one, too. Counted by
  /// hand: most looks at it then cost no counting.
  private var record: Unmanaged<RunningTask>?
  /// It outlives its coroutines.
  private let loop: Unmanaged<EventLoop>

  static let notInHeap = UInt32.max

  init(_ reason: Reason, loop: EventLoop) {
    self.loop = .passUnretained(loop)
    super.init(reason)
  }

  deinit {
    record?.release()
  }

  /// Makes it as new; nobody else may know it.
  func reset() {
    phase = .idle
  }

  /// The coroutine has arrived there, as this job.
  func park(_ job: UnownedJob) {
    switch phase {
    case .idle:
      phase = .parked
      self.job = job
    case .happened, .cancelled: resume(job)
    case .parked: fatalError("two coroutines wait with one waiter")
    }
  }

  /// Wakes the coroutine; false and without effect when it was woken before.
  @discardableResult
  func wake(_ wake: Wake = .happened) -> Bool {
    let wasParked = phase == .parked
    guard wasParked || phase == .idle else { return false }
    phase = wake == .happened ? .happened : .cancelled
    if wasParked, let job {
      self.job = nil
      resume(job)
    }
    return true
  }

  private func resume(_ job: UnownedJob) {
    let item: ReadyItem = isIsolated ? .job(job) : .unisolatedJob(job)
    loop._withUnsafeGuaranteedRef { loop in
      // Between runs it stands behind what was registered before, as all that is.
      if loop.isIdle { _ = loop.foreign.append(item) } else { loop.ready.append(item) }
    }
  }

  /// Tells the record of the coroutine `running` that it parks; false when the coroutine has none of its own.
  fileprivate func beginWait(of running: TaskReference) -> Bool {
    if !isLast(running) {
      let current = loop._withUnsafeGuaranteedRef { $0.currentRecord }
      guard let current, current.task == running else { return false }
      record?.release()
      record = .passRetained(current)
    }
    record?._withUnsafeGuaranteedRef { $0.park(with: self) }
    return true
  }

  private func isLast(_ running: TaskReference) -> Bool {
    record?._withUnsafeGuaranteedRef { $0.task == running && !$0.isCovered } ?? false
  }

  /// The coroutine goes on. Out of line, and so out of its frame.
  @inline(never)
  func endWait() {
    expectWoken()
    record?._withUnsafeGuaranteedRef { $0.unpark() }
  }

  /// Traps where the way to the parking lot was none.
  func expectWoken() {
    mustHold(phase == .happened || phase == .cancelled, "a coroutine goes on that nobody has woken")
  }

  override func cancel() {
    wake(.cancelled)
  }

  var isCancelled: Bool { phase == .cancelled }

  /// A coroutine is parked with it that nobody has woken yet.
  var isParked: Bool { phase == .parked }
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
    // A constant of its own: in debug builds the compiler of Swift 6.3.1 breaks on the comparison of the macro.
    let isolation = #isolation
    if beginWait(with: waiter, isIsolated: isolation != nil) {
      await parkingLot.arrive()
      waiter.endWait()
    } else {
      await home.waitInChild(for: waiter)
    }
  }

  /// Tells the record of the coroutine that runs what it parks with; false when the coroutine has none of its own.
  @inline(never)
  func beginWait(with waiter: Waiter, isIsolated: Bool) -> Bool {
    // Asked of the runtime: an immediate child begins within a job of its parent.
    guard let running = TaskReference.current else { return false }
    guard waiter.beginWait(of: running) else { return false }
    if running.isCancelled { waiter.wake(.cancelled) }
    waiter.isIsolated = isIsolated
    parkingLot.expect(waiter)
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
