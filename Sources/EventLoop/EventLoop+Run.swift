import CLinux

extension EventLoop {
  /// Makes a loop, runs `main` on it, cancels and awaits what `main` has left behind, and closes the loop.
  ///
  /// What other threads have handed over before `main` ended is still called.
  ///
  /// - Throws: what `main` throws, else `EventLoopError`: `.tasksAlive` when a coroutine of another loop still waits on it.
  @discardableResult
  public static func run<T: Sendable>(
    clock: Clock = .monotonic, _ main: @escaping @Sendable () async throws -> T
  ) throws -> T {
    let loop = try EventLoop(clock: clock)
    let result = Result { try loop.runUntilComplete(main) }
    // Again for what has started meanwhile; and a `stop()` ends a run, not the clean-up. Calls that came while the first
    // round ran are called in the second; those that they make themselves do not keep the loop alive.
    var rounds = 2
    repeat {
      rounds -= 1
      loop.foreign.takeAll(into: loop.ready)
      loop.cancelAllTasks()
      let cancelled = loop.tasks.lastID
      try loop.run(until: { loop.tasks.count == 0 || loop.tasks.lastID > cancelled })
    } while loop.tasks.count > 0 || rounds > 0
    let closing = Result { try loop.close() }
    let value = try result.get()
    try closing.get()
    return value
  }

  /// Runs the loop on the calling thread until the coroutine `main` is done, and returns its result.
  ///
  /// Coroutines that it started may still be alive then; they continue when the loop runs again. A loop can run many
  /// times, on one thread at a time.
  ///
  /// - Throws: what `main` throws; `EventLoopError.stopped` after `stop()` (`main` stays alive); `.alreadyRunning` for
  ///   a nested run or one on a second thread; `.closed` after `close()`; `.deadlocked` with a virtual clock.
  @discardableResult
  public func runUntilComplete<T: Sendable>(_ main: @escaping @Sendable () async throws -> T) throws -> T {
    let outcome = Outcome<T>()
    try run {
      startTask(name: "main") {
        do { outcome.result = .success(try await main()) } catch { outcome.result = .failure(error) }
      }
    } until: {
      outcome.result != nil
    }
    guard let result = outcome.result else { throw EventLoopError.stopped }
    return try result.get()
  }

  /// Ends the current run after the jobs of this round; from any thread. Coroutines stay alive.
  ///
  /// A call while the loop does not run ends the next run at its first tick.
  public func stop() {
    callSoonThreadSafe { self.isStopRequested = true }
  }

  /// Closes the loop: ends its threads, drops its timers, watches, hooks and calls, restores the signal mask of the calling
  /// thread, which has to be the one that asked for signals.
  ///
  /// Harmless when repeated. After it the loop can do nothing; calls from other threads are dropped.
  ///
  /// - Throws: `EventLoopError.tasksAlive` when coroutines are alive, or those of other loops wait here or are on their way
  ///   (the loop stays usable); `.alreadyRunning` when it runs.
  public func close() throws(EventLoopError) {
    if foreign.isRunning { throw .alreadyRunning }
    if isClosed { return }
    foreign.takeAll(into: ready)
    // Those of other loops wait here, or are on their way; one that was just woken is counted in both.
    let visitors = tasks.count == 0 ? max(guests, ready.jobCount) : guests
    guard tasks.count == 0, visitors == 0 else {
      throw .tasksAlive(tasks.someNames + (visitors > 0 ? ["\(visitors) of other event loops"] : []))
    }
    sharedPool?.shutDown()
    sharedPool = nil
    signalWatcher?.close()
    signalWatcher = nil
    abandonAll()
    foreign.close()
    poller.close()
    preferredPoller?.close()
    ready.removeAll()
    isClosed = true
  }

  /// Silences what was registered and is never called.
  func abandonAll() {
    timers.abandonAll()
    for watch in watches.takeAll() { watch.abandon() }
    for hook in hooks { hook.abandon() }
    hooks = []
  }

  /// Calls `begin`, and ticks until `isDone`, or until `stop()`.
  private func run(_ begin: () -> Void = {}, until isDone: () -> Bool) throws(EventLoopError) {
    guard clinux_current_loop() == nil else { throw .alreadyRunning }
    try foreign.beginRun()
    isIdle = false
    clinux_set_current_loop(Unmanaged.passUnretained(self).toOpaque())
    defer {
      clinux_set_current_loop(nil)
      isIdle = true
      foreign.endRun()
    }
    var began = clinux_monotonic()
    // What was made ready before the run comes in its order, then `begin`, then what is due.
    if clock == .monotonic { tickTime = Instant(nanoseconds: began) }
    foreign.takeAll(into: ready)
    begin()
    advanceTime(to: began)
    while true {
      runReady()
      let isFinished = isDone() || isStopRequested
      if !isFinished {
        runHooks()
      }
      let ended = clinux_monotonic()
      counters.countTick(from: began, to: ended)
      if isFinished {
        isStopRequested = false
        return
      }
      if isDeadlocked { throw .deadlocked(tasks.someNames) }
      collect(at: ended)
      began = clinux_monotonic()
      advanceTime(to: began)
    }
  }

  /// Runs the ready queue until it is empty, at most `jobsPerPoll` jobs or those present at the start, if more.
  private func runReady() {
    let present = ready.count
    var budget = max(present, Self.jobsPerPoll)
    let serial = asUnownedSerialExecutor()
    let preference = asUnownedTaskExecutor()
    let limit = budget
    // Of the watch that was called last: it may be cancelled by what it calls.
    var place: SourcePlace?
    slowCalls?.begin()
    while budget > 0, let item = ready.popFirst() {
      let origin = slowCalls == nil ? nil : item.origin
      // What it holds is freed in its own time, not in that of the next.
      switch consume item {
      case .job(let job):
        job.runSynchronously(isolatedTo: serial, taskExecutor: preference)
      case .unisolatedJob(let job):
        job.runSynchronously(on: preference)
      case .call(let body, _): body()
      case .delayed(let call): call.fire()
      case .wake(let sleeper): sleeper.wake()
      case .event(let token, let events):
        if let watch = watches[token: token] {
          place = watch.place
          watch.deliver(events)
        }
      }
      if let slowCalls, let origin, slowCalls.end(name: { name(of: origin, at: place, touched: $0) }) {
        counters.countSlowCall()
      }
      budget &-= 1
    }
    counters.countJobs(limit &- budget)
    ready.trim(present: present)
  }

  private func runHooks() {
    slowCalls?.begin()
    for hook in hooks {
      hook.body?()
      if let slowCalls, slowCalls.end(name: { _ in "the before-sleep hook of \(hook.place)" }) {
        counters.countSlowCall()
      }
    }
  }

  /// Asks the kernel, waiting until the next deadline when nothing is ready, and appends what has happened.
  private func collect(at real: Int64) {
    let events = poller.wait(nanoseconds: waitLimit(at: real))
    // What is preferred, and what other threads have handed over, may be among what did not fit.
    let isFull = events.count == Int(Poller.capacity)
    if isFull { foreign.takeAll(into: ready) }
    if let preferredPoller, isFull || events.contains(where: { $0.data == Poller.preferredToken }) {
      take(preferredPoller.wait(nanoseconds: 0))
    }
    take(events)
    if clock == .virtual, events.isEmpty, ready.isEmpty, callsOutside == 0, let deadline = timers.earliest {
      tickTime = max(tickTime, Instant(nanoseconds: deadline))
    }
  }

  /// Wakes the coroutines of endpoints, and appends what the others watch for.
  private func take(_ events: UnsafeBufferPointer<clinux_event>) {
    for event in events {
      if let endpoint = watches.endpoint(token: event.data) {
        endpoint._withUnsafeGuaranteedRef { $0.becameReady(Readiness(events: event.events)) }
        continue
      }
      switch event.data {
      case Poller.wakeToken: foreign.takeAll(into: ready)
      case Poller.preferredToken: break
      default: ready.append(.event(event.data, event.events))
      }
    }
  }

  /// Nanoseconds to wait for events: 0 when there is work, negative when only an event can bring some.
  private func waitLimit(at real: Int64) -> Int64 {
    if !ready.isEmpty { return 0 }
    guard let deadline = timers.earliest else { return -1 }
    switch clock {
    case .virtual: return callsOutside > 0 && deadline > tickTime.nanoseconds ? -1 : 0
    case .monotonic: return deadline > real ? deadline &- real : 0
    }
  }

  /// With a virtual clock and neither deadlines, watches nor calls on other threads, nothing can happen any more.
  private var isDeadlocked: Bool {
    clock == .virtual && ready.isEmpty && timers.count == 0 && callsOutside == 0 && watches.count == 0
      && foreign.isEmpty
  }

  private func advanceTime(to real: Int64) {
    if clock == .monotonic { tickTime = Instant(nanoseconds: real) }
    while let item = timers.popDue(at: tickTime.nanoseconds) { ready.append(item) }
  }
}

/// Where a coroutine leaves its result for the thread that runs the loop, which is the same thread.
private final class Outcome<T>: @unchecked Sendable {
  var result: Result<T, any Error>?
}
