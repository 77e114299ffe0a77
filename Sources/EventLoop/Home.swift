/// The loop's own actor: every coroutine that `startTask` starts begins in it, and every wait of the loop's own
/// facilities happens in it.
///
/// Two reasons. The body of a `with…Continuation` runs without a suspension only below an actor's method; when the chain
/// of callers is nonisolated it may be enqueued first, and a wake-up in between would find nobody parked. And each return
/// to nonisolated code costs an enqueue, a return to an actor of the same loop does not.
@usableFromInline
actor Home: LoopActor {
  @usableFromInline nonisolated unowned(unsafe) let loop: EventLoop

  init(loop: EventLoop) {
    self.loop = loop
  }

  /// Runs a coroutine's body and takes it from the task table when it has ended.
  @inlinable
  func run<T: Sendable>() async throws -> T {
    let record = unsafeDowncast(RunningTask.begun, to: StartedTask<T>.self)
    defer { loop.finish(record) }
    let body = record.takeBody()
    return try await body()
  }

  /// Suspends the caller until the waiter is woken, or until its coroutine is cancelled, which wakes it too.
  func wait(for waiter: Waiter) async {
    guard let record = RunningTask.current, let task = record.task, task == loop.runningTask else {
      return await waitInChild(for: waiter)
    }
    if task.isCancelled { waiter.wake(.cancelled) }
    record.park(with: waiter)
    await withUnsafeContinuation(isolation: self) { waiter.park($0) }
    record.unpark()
  }

  /// The same for a child that shares its parent's record, or has none: its cancellation is its own.
  private func waitInChild(for waiter: Waiter) async {
    let record = RunningTask.current
    record?.parkChild(with: waiter)
    // The closure is isolated to this actor only because it names it: otherwise it would leave and come back.
    await withTaskCancellationHandler {
      await withUnsafeContinuation(isolation: self) { waiter.park($0) }
    } onCancel: {
      if loop.isCurrent { waiter.wake(.cancelled) } else { loop.callSoonThreadSafe { waiter.wake(.cancelled) } }
    }
    record?.unparkChild(waiter)
  }

  /// Suspends the caller until the waiter is woken; cancellation does not shorten it.
  func waitUninterrupted(for waiter: Waiter) async {
    let record = RunningTask.current
    record?.parkChild(with: waiter)
    await withUnsafeContinuation { waiter.park($0) }
    record?.unparkChild(waiter)
  }

  /// Suspends the caller until the deadline, or until its coroutine is cancelled: true.
  func sleep(until deadline: EventLoop.Instant) async -> Bool {
    let sleeper = Waiter(.sleep)
    loop.timers.schedule(sleeper, at: deadline.nanoseconds)
    await wait(for: sleeper)
    loop.timers.remove(sleeper)
    return sleeper.isCancelled
  }

  /// Suspends the caller until the call was made on a thread, cancelled or refused.
  func wait(for call: ThreadCall, in queue: ThreadQueue) async {
    let record = RunningTask.current
    record?.parkChild(with: call)
    await withTaskCancellationHandler {
      await withUnsafeContinuation(isolation: self) { queue.append(call, $0) }
    } onCancel: {
      queue.cancel(call)
    }
    record?.unparkChild(call)
  }
}
