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
  func run<T: Sendable>(_ record: RunningTask, _ body: @Sendable () async throws -> T) async throws -> T {
    defer { loop.finish(record) }
    return try await body()
  }

  /// Suspends the caller until the waiter is woken, or until its coroutine is cancelled, which wakes it too.
  func wait(for waiter: Waiter, _ reason: WaitReason) async {
    guard let record = RunningTask.current, let task = record.task, task == loop.runningTask else {
      return await waitInChild(for: waiter, reason)
    }
    if task.isCancelled { waiter.wake(.cancelled) }
    record.beginWaiting(for: reason, at: loop.now)
    record.park(with: waiter)
    await withUnsafeContinuation(isolation: self) { waiter.park($0) }
    record.unpark()
    record.endWaiting(at: loop.now)
  }

  /// The same for a child that shares its parent's record, or has none: its cancellation is its own.
  private func waitInChild(for waiter: Waiter, _ reason: WaitReason) async {
    let record = RunningTask.current
    record?.beginWaiting(for: reason, at: loop.now)
    // The closure is isolated to this actor only because it names it: otherwise it would leave and come back.
    await withTaskCancellationHandler {
      await withUnsafeContinuation(isolation: self) { waiter.park($0) }
    } onCancel: {
      if loop.isCurrent { waiter.wake(.cancelled) } else { loop.callSoonThreadSafe { waiter.wake(.cancelled) } }
    }
    record?.endWaiting(at: loop.now)
  }

  /// Suspends the caller until the waiter is woken; cancellation does not shorten it.
  func waitUninterrupted(for waiter: Waiter, _ reason: WaitReason) async {
    let record = RunningTask.current
    record?.beginWaiting(for: reason, at: loop.now)
    await withUnsafeContinuation { waiter.park($0) }
    record?.endWaiting(at: loop.now)
  }

  /// Suspends the caller until the deadline, or until its coroutine is cancelled: true.
  func sleep(until deadline: EventLoop.Instant) async -> Bool {
    let waiter = Waiter()
    let call = loop.callAt(deadline) { waiter.wake() }
    await wait(for: waiter, .sleep(until: deadline))
    call.cancel()
    return waiter.isCancelled
  }

  /// Suspends the caller until the call was made on a thread, cancelled or refused.
  func wait(for call: ThreadCall, in queue: ThreadQueue, _ reason: WaitReason) async {
    let record = RunningTask.current
    record?.beginWaiting(for: reason, at: loop.now)
    await withTaskCancellationHandler {
      await withUnsafeContinuation(isolation: self) { queue.append(call, $0) }
    } onCancel: {
      queue.cancel(call)
    }
    record?.endWaiting(at: loop.now)
  }
}
