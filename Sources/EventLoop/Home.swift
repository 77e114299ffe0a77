/// The loop's own actor: every coroutine that `startTask` starts begins in it.
///
/// Each return to code that is in no actor costs an enqueue, a return to an actor of the same loop does not. Nonisolated
/// callees stay in their caller's actor, so what a coroutine calls stays in this one.
@usableFromInline
actor Home: LoopActor {
  @usableFromInline nonisolated unowned(unsafe) let loop: EventLoop

  init(loop: EventLoop) {
    self.loop = loop
  }

  /// Runs a coroutine's body and takes it from the task table when it has ended.
  @inlinable
  func run<T: Sendable>() async throws -> T {
    let record = unsafeDowncast(loop.begun(), to: StartedTask<T>.self)
    defer { loop.finish(record) }
    let body = record.takeBody()
    return try await body()
  }

  /// Parks a child that shares its parent's record, or has none: its cancellation is its own.
  func waitInChild(for waiter: Waiter) async {
    let record = beginWait(waiter)
    // The closure is isolated to this actor only because it names it: otherwise it would leave and come back.
    await withTaskCancellationHandler {
      waiter.isIsolated = true
      loop.parkingLot.expect(waiter)
      await loop.parkingLot.arrive()
      waiter.expectWoken()
    } onCancel: {
      if loop.isCurrent { waiter.wake(.cancelled) } else { loop.callSoonThreadSafe { waiter.wake(.cancelled) } }
    }
    endWait(waiter, record)
  }

  /// Suspends the caller until the waiter is woken; cancellation does not shorten it.
  func waitUninterrupted(for waiter: Waiter) async {
    let record = beginWait(waiter)
    waiter.isIsolated = true
    loop.parkingLot.expect(waiter)
    await loop.parkingLot.arrive()
    waiter.expectWoken()
    endWait(waiter, record)
  }

  /// Suspends the caller until the call was made on a thread, cancelled or refused.
  func wait(for call: ThreadCall, in queue: ThreadQueue) async {
    let record = beginWait(call)
    await withTaskCancellationHandler {
      await withUnsafeContinuation(isolation: self) { queue.append(call, $0) }
    } onCancel: {
      queue.cancel(call)
    }
    endWait(call, record)
  }

  /// Tells the row of the coroutine, which is that of an ancestor; one without a row is a guest, of another loop or nobody's.
  private func beginWait(_ wait: Wait) -> RunningTask? {
    let record = loop.currentRecord
    if let record { record.parkChild(with: wait) } else { loop.guests += 1 }
    return record
  }

  private func endWait(_ wait: Wait, _ record: RunningTask?) {
    if let record { record.unparkChild(wait) } else { loop.guests -= 1 }
  }
}
