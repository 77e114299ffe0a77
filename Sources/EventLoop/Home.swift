/// The loop's own actor: coroutines park inside its methods.
///
/// The body of a `with…Continuation` runs without a suspension only below an actor's method; when the chain of callers
/// is nonisolated it may be enqueued first, and a wake-up in between would find nobody parked.
actor Home: LoopActor {
  nonisolated unowned(unsafe) let loop: EventLoop

  init(loop: EventLoop) {
    self.loop = loop
  }

  /// Suspends the caller until `waiter.wake()`, or returns at once when that came first.
  func park(_ waiter: Waiter) async {
    await withCheckedContinuation { waiter.park($0) }
  }
}
