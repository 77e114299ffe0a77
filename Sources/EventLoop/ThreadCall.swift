/// One call on its way through a thread queue. Guarded by the queue's lock.
final class ThreadCall: @unchecked Sendable {
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

  init(_ body: @escaping () -> Void) {
    self.body = body
  }
}
