/// One call on its way through a thread queue. Guarded by the queue's lock.
final class ThreadCall: Wait, @unchecked Sendable {
  enum State {
    /// Made, but its caller has not parked yet.
    case created
    case queued(UnsafeContinuation<Void, Never>)
    case running
    /// Made, cancelled or refused: the caller is resumed.
    case over
  }

  var state = State.created
  var body: (() -> Void)?
  /// It outlives the calls of its callers.
  private unowned(unsafe) let pool: ThreadPool

  init(in pool: ThreadPool, _ body: @escaping () -> Void) {
    self.pool = pool
    self.body = body
    super.init(.thread)
  }

  override var description: String { "thread pool \(pool.name)" }
}
