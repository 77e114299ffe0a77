/// Where the coroutines of a loop are parked: each goes to it and is kept there, as a job, by what it waits with.
///
/// A coroutine that changes from one executor to another becomes a job of the new one, and is on its way from then on. So one
/// that goes to an executor that runs nothing is parked, and whoever has the job resumes it: the way back needs no look for
/// the executor that the coroutine prefers, which a continuation of the standard library has to take under a lock each
/// time (600 instructions).
///
/// It has no state of its own to protect, and what is called in it does nothing, so a job may be resumed in any isolation.
/// That of the coroutine's actor, where it goes next, saves the way there.
actor ParkingLot {
  private nonisolated let executor = ParkingExecutor()

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// What the coroutine that is about to `arrive` is parked with.
  nonisolated func expect(_ waiter: Waiter) {
    mustHold(executor.waiter == nil, "a coroutine was to park and went on")
    executor.waiter = .passUnretained(waiter)
  }

  /// Where a parked coroutine is when it is resumed. It is not inlined: otherwise the optimiser removes the hop to this
  /// executor.
  @inline(never)
  func arrive() {
    executor.arrivals &+= 1
  }
}

/// Hands each coroutine that comes to whom it is expected by.
private final class ParkingExecutor: SerialExecutor, @unchecked Sendable {
  /// Held by the coroutine.
  var waiter: Unmanaged<Waiter>?
  var arrivals = 0

  func enqueue(_ job: consuming ExecutorJob) {
    guard let waiter else { fatalError("a coroutine was parked and nobody knows what it waits for") }
    self.waiter = nil
    let parked = UnownedJob(job)
    waiter._withUnsafeGuaranteedRef { $0.park(parked) }
  }

  /// What arrives is run on the loop, as the loop.
  func isIsolatingCurrentContext() -> Bool? { true }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }
}
