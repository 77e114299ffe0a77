/// A call that the loop will make later, unless it is cancelled. Belongs to the loop's thread.
public final class DelayedCall {
  enum State {
    /// In the heap of deadlines, at this index.
    case scheduled(index: Int)
    /// Due: it stands in the ready queue.
    case due
    case done
    case cancelled
  }

  /// When the call is due; it is made in the first tick at or after this instant.
  public let deadline: EventLoop.Instant
  var state: State = .done
  private var body: (() -> Void)?
  private unowned(unsafe) let loop: EventLoop
  /// What a slow call is reported by.
  let place: SourcePlace

  init(deadline: Int64, loop: EventLoop, place: SourcePlace, body: @escaping () -> Void) {
    self.deadline = EventLoop.Instant(nanoseconds: deadline)
    self.loop = loop
    self.place = place
    self.body = body
  }

  /// Whether the call is still to be made.
  public var isPending: Bool {
    switch state {
    case .scheduled, .due: true
    case .done, .cancelled: false
    }
  }

  /// Cancels the call and frees what it holds at once. Harmless when it was made or cancelled before. O(log n).
  public func cancel() {
    switch state {
    case .scheduled(let index):
      loop.assertConfined("DelayedCall.cancel")
      state = .cancelled
      loop.timers.remove(at: index)
      body = nil
    case .due:
      state = .cancelled
      body = nil
    case .done, .cancelled:
      break
    }
  }

  /// Makes the call, if it was not cancelled after it fell due.
  func fire() {
    guard case .due = state, let body else { return }
    state = .done
    self.body = nil
    body()
  }

  /// Drops the call when the loop closes.
  func abandon() {
    state = .cancelled
    body = nil
  }
}
